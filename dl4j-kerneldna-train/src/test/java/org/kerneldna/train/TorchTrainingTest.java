package org.kerneldna.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.torch.Tensor;
import org.kerneldna.torch.TensorDict;
import org.kerneldna.torch.TorchCheckpoint;
import org.kerneldna.torch.TorchOptimizer;
import org.kerneldna.torch.TorchOptimizer.Group;
import org.kerneldna.train.Recipe.Optimizer;
import org.kerneldna.train.TorchTraining.Imported;
import org.kerneldna.train.io.InputException;
import org.kerneldna.zoo.StateDict;
import org.kerneldna.zoo.StateDict.Entry;
import org.kerneldna.zoo.TorchWeights;
import org.kerneldna.zoo.ZooNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What becomes of an optimizer and a scheduler of PyTorch: taken over, or named. */
class TorchTrainingTest {

  private static final ModelSpec MODEL = new ModelSpec("resnet18", true, 16, 0.05, true);
  private static final Recipe DEFAULTS = Recipe.of("resnet18");
  private static final ZooNetwork NETWORK = MODEL.network(2, DEFAULTS);
  private static final StateDict STATE = NETWORK.stateDict();
  private static final Map<String, Tensor> TENSORS = TorchWeights.of(NETWORK).read(NETWORK.init());
  private static final Map<String, Object> SGD =
      Map.of("lr", 0.02, "momentum", 0.8, "dampening", 0L, "weight_decay", 0.001);
  private static final Map<String, Object> ADAM =
      Map.of(
          "lr",
          0.002,
          "betas",
          List.of(0.85, 0.999),
          "eps",
          1e-8,
          "amsgrad",
          false,
          "weight_decay",
          0.05,
          "decoupled_weight_decay",
          true);
  private static final Map<String, Object> COSINE =
      Map.of("T_max", 40L, "eta_min", 1e-4, "base_lrs", List.of(0.3), "last_epoch", 7L);

  @Test
  void oneGroupOfSgdWithPyTorchsCosine() {
    Imported imported = imported(optimizer(group(SGD, e -> true)), COSINE);
    assertThat(imported.notes()).isEmpty();
    assertThat(imported.checkpoint().card().recipe())
        .isEqualTo(
            DEFAULTS.toBuilder()
                .epochs(40)
                .etaMin(1e-4)
                .lr(0.3)
                .momentum(0.8)
                .weightDecay(0.001)
                .build());
    assertState(imported, 0, "momentum_buffer");
  }

  @Test
  void normalisationsAndBiasesInAGroupOfTheirOwn() {
    for (boolean kernelsFirst : new boolean[] {true, false}) {
      Group kernels = group(SGD, TorchTrainingTest::isKernel);
      Group others = group(with(SGD, "weight_decay", 0.0), e -> !isKernel(e));
      Imported imported =
          imported(kernelsFirst ? optimizer(kernels, others) : optimizer(others, kernels), COSINE);
      assertThat(imported.notes()).isEmpty();
      Recipe recipe = imported.checkpoint().card().recipe();
      assertThat(recipe.weightDecay()).isEqualTo(0.001);
      assertThat(recipe.excludeNormsAndBiases()).isTrue();
      assertState(imported, 0, "momentum_buffer");
    }
  }

  @Test
  void threeGroupsWhoseWeightDecayARecipeCannotSay() {
    Imported imported =
        imported(
            optimizer(
                group(with(SGD, "weight_decay", 0.0), e -> e.name().endsWith("bias")),
                group(SGD, TorchTrainingTest::isKernel),
                group(SGD, e -> !isKernel(e) && !e.name().endsWith("bias"))),
            COSINE);
    assertThat(imported.notes())
        .singleElement()
        .asString()
        .isEqualTo(
            "weight decay of kernels [0.001], gains [0.001] and biases [0.0] is not taken over: it"
                + " is 0.001 for all");
    assertThat(imported.checkpoint().card().recipe().excludeNormsAndBiases()).isFalse();
    assertState(imported, 0, "momentum_buffer");
  }

  @Test
  void aHeadThatLearnsFasterThanItsBackbone() {
    Imported imported =
        imported(
            optimizer(
                group(SGD, e -> !e.name().startsWith("fc.")),
                group(with(SGD, "lr", 0.2), e -> e.name().startsWith("fc."))),
            COSINE);
    assertThat(imported.notes())
        .containsExactly("lr differs by parameter group (0.02, 0.2): 0.02 is used for all");
    assertState(imported, 0, "momentum_buffer");
  }

  @Test
  void namesOfParametersGoBeforeTheirOrder() {
    List<Entry> reversed = new ArrayList<>(STATE.parameters());
    Collections.reverse(reversed);
    List<String> names = reversed.stream().map(e -> "module." + e.name()).toList();
    Imported imported = imported(optimizer(new Group(SGD, names, states(reversed))), COSINE);
    assertThat(imported.notes()).isEmpty();
    assertState(imported, 0, "momentum_buffer");
  }

  @Test
  void frozenParametersLeaveMomentumAtZeroAndAreSaid() {
    Imported imported = imported(optimizer(group(SGD, e -> e.name().startsWith("fc."))), COSINE);
    assertThat(imported.momentum()).isFalse();
    assertThat(imported.notes())
        .singleElement()
        .asString()
        .matches("the optimizer's 2 parameters are not the network's \\d+: momentum starts at 0");
    assertThat(imported.checkpoint().card().recipe().momentum()).isEqualTo(0.8);
  }

  @Test
  void adamW() {
    Imported imported = imported(optimizer(group(ADAM, e -> true)), COSINE);
    assertThat(imported.notes()).isEmpty();
    Recipe recipe = imported.checkpoint().card().recipe();
    assertThat(recipe.optimizer()).isEqualTo(Optimizer.ADAMW);
    assertThat(recipe.momentum()).isEqualTo(0.85);
    assertThat(recipe.weightDecay()).isEqualTo(0.05);
    assertState(imported, 0, "exp_avg");
    assertState(imported, 1, "exp_avg_sq");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          dampening      | 0.5  | dampening 0.5 is not taken over: it is 0.0
          maximize       | true | maximize is not taken over: the loss is minimised
          """)
  void whatSgdHasAndARecipeHasNot(String option, String value, String note) {
    Object typed = value.equals("true") ? (Object) true : Double.valueOf(value);
    assertThat(imported(optimizer(group(with(SGD, option, typed), e -> true)), COSINE).notes())
        .containsExactly(note);
  }

  @Test
  void whatAdamHasAndARecipeHasNot() {
    Map<String, Object> options = with(ADAM, "betas", List.of(0.9, 0.95));
    options.put("eps", 0.001);
    options.put("amsgrad", true);
    options.put("decoupled_weight_decay", false);
    assertThat(imported(optimizer(group(options, e -> true)), COSINE).notes())
        .containsExactly(
            "beta2 0.95 is not taken over: it is 0.999",
            "eps 0.001 is not taken over: it is 1.0E-8",
            "amsgrad is not taken over: it is off",
            "Adam's weight decay, as part of the gradient, is not taken over: it is AdamW's");
    options = new HashMap<>(ADAM);
    options.remove("decoupled_weight_decay");
    assertThat(imported(optimizer(group(options, e -> true)), COSINE).notes())
        .containsExactly(
            "the file does not say whether it is of Adam or AdamW: weight decay is AdamW's");
  }

  @Test
  void nesterov() {
    Imported imported = imported(optimizer(group(with(SGD, "nesterov", true), e -> true)), COSINE);
    assertThat(imported.notes()).isEmpty();
    assertThat(imported.checkpoint().card().recipe().nesterov()).isTrue();
  }

  @Test
  void otherOptimizers() {
    Map<String, Object> rmsProp = Map.of("lr", 0.01, "alpha", 0.99);
    assertThat(imported(optimizer(group(rmsProp, e -> true)), COSINE).notes())
        .singleElement()
        .asString()
        .contains("neither SGD nor AdamW", "alpha", "new SGD, whose momentum is 0");
    Map<String, Object> hostile = Map.of("a\n\u001b[31m", 1, "x".repeat(10_000), 1);
    assertThat(imported(optimizer(group(hostile, e -> true)), COSINE).notes())
        .singleElement()
        .asString()
        .hasSizeLessThan(500)
        .doesNotContainPattern("\\p{C}");
  }

  @ParameterizedTest
  @CsvSource({
    "step_size, StepLR of step size 3",
    "milestones, MultiStepLR",
    "_milestones, SequentialLR",
    "T_0, CosineAnnealingWarmRestarts",
    "patience, ReduceLROnPlateau",
    "lr_lambdas, LambdaLR",
    "gamma, ExponentialLR",
    "something, the file's scheduler",
  })
  void otherSchedulersAreNamedAndTheirPresentRateIsTaken(String key, String name) {
    Map<String, Object> scheduler = Map.of(key, 3L, "last_epoch", 7L, "_last_lr", List.of(0.004));
    Imported imported = imported(optimizer(group(SGD, e -> true)), scheduler);
    assertThat(imported.notes()).singleElement().asString().startsWith(name).contains("0.004");
    assertThat(imported.checkpoint().card().recipe().lr()).isEqualTo(0.004);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(longs = 7000)
  void aCosineThatCountsStepsOrNothing(Long last) {
    Map<String, Object> steps = with(COSINE, "last_epoch", last);
    Imported imported = imported(optimizer(group(SGD, e -> true)), steps);
    assertThat(imported.notes()).singleElement().asString().contains("does not count epochs");
    assertThat(imported.checkpoint().card().recipe().epochs()).isEqualTo(DEFAULTS.epochs());
  }

  @Test
  void noSchedulerAndARateOfZero() {
    Imported imported = imported(optimizer(group(with(SGD, "lr", 0.0), e -> true)), null);
    assertThat(imported.notes())
        .singleElement()
        .asString()
        .isEqualTo(
            "no scheduler in the file: training goes on along a cosine of 90 epochs with a highest"
                + " learning rate of 0.1");
  }

  @ParameterizedTest
  @CsvSource({"T_max, 4294967336", "T_max, 40.5", "max_epochs, 1e300", "warmup_epochs, 4294967296"})
  void epochsThatCannotBeCountedAreNamed(String key, double number) {
    Map<String, Object> scheduler = with(COSINE, key, number);
    assertThatThrownBy(() -> imported(optimizer(group(SGD, e -> true)), scheduler))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "net.pth has a recipe whose %s %s cannot be used: give a whole number, 0 to 2147483647",
            key, number);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, 7000, Double.NaN})
  void aBestTop1ThatIsNoPercentageIsTakenAsZero(double best) {
    TorchCheckpoint torch =
        torch(TENSORS, 7L, OptionalDouble.of(best), optimizer(group(SGD, e -> true)), COSINE);
    Imported imported = new TorchTraining(torch, MODEL).checkpoint(List.of("ant", "bee"));
    assertThat(imported.notes())
        .containsExactly("best top-1 %s of the file is taken as 0".formatted(best));
    assertThat(imported.checkpoint().card().bestTop1()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "7.5", "18446744073709551621"})
  void anEpochThatIsNoCountIsTakenAsZero(BigDecimal epoch) {
    Imported imported =
        new TorchTraining(
                torch(
                    TENSORS,
                    epoch,
                    OptionalDouble.empty(),
                    optimizer(group(SGD, e -> true)),
                    with(COSINE, "last_epoch", epoch)),
                MODEL)
            .checkpoint(List.of("ant", "bee"));
    assertThat(imported.notes())
        .containsExactly("epoch %s of the file is taken as 0".formatted(epoch));
    assertThat(imported.checkpoint().graph().getEpochCount()).isZero();
  }

  @Test
  void aClassifierOfNothingIsRefused() {
    Map<String, Tensor> tensors = new LinkedHashMap<>(TENSORS);
    tensors.put("fc.bias", Tensor.of(new long[] {0}));
    TorchCheckpoint torch =
        torch(tensors, 7L, OptionalDouble.empty(), optimizer(group(SGD, e -> true)), COSINE);
    assertThatThrownBy(() -> new TorchTraining(torch, MODEL).classes())
        .isInstanceOf(InputException.class)
        .hasMessageContaining("net.pth")
        .hasMessageContaining("fc.bias");
  }

  private static boolean isKernel(Entry entry) {
    return entry.shape().length > 1;
  }

  private static Map<String, Object> with(Map<String, Object> options, String key, Object value) {
    Map<String, Object> changed = new HashMap<>(options);
    changed.put(key, value);
    return changed;
  }

  private static Group group(Map<String, Object> options, Predicate<Entry> which) {
    return new Group(
        options, List.of(), states(STATE.parameters().stream().filter(which).toList()));
  }

  /** For each parameter numbers that no other has. */
  private static List<Map<String, Tensor>> states(List<Entry> parameters) {
    List<Map<String, Tensor>> states = new ArrayList<>();
    for (Entry entry : parameters) {
      Map<String, Tensor> state = new LinkedHashMap<>();
      for (String key : List.of("momentum_buffer", "exp_avg", "exp_avg_sq")) {
        state.put(key, Tensor.of(entry.shape(), numbers(entry, key)));
      }
      state.put("step", Tensor.of(70));
      states.add(state);
    }
    return states;
  }

  private static float[] numbers(Entry entry, String key) {
    int length = TENSORS.get(entry.name()).length();
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (entry.name() + key).hashCode() % 1000 + i / 1000f;
    }
    return numbers;
  }

  private static void assertState(Imported imported, int slot, String key) {
    assertThat(imported.momentum()).isTrue();
    ComputationGraph graph = imported.checkpoint().graph();
    StateDict.Table table = StateDict.updaterState(graph, slot);
    for (Entry entry : STATE.parameters()) {
      INDArray values = STATE.read(table, entry.name());
      assertThat(values.data().asFloat()).as(entry.name()).isEqualTo(numbers(entry, key));
    }
  }

  private static TorchOptimizer optimizer(Group... groups) {
    return new TorchOptimizer(List.of(groups));
  }

  private static Imported imported(TorchOptimizer optimizer, Map<String, Object> scheduler) {
    return new TorchTraining(
            torch(TENSORS, 7L, OptionalDouble.empty(), optimizer, scheduler), MODEL)
        .checkpoint(List.of("ant", "bee"));
  }

  private static TorchCheckpoint torch(
      Map<String, Tensor> tensors,
      Number epoch,
      OptionalDouble best,
      TorchOptimizer optimizer,
      Map<String, Object> scheduler) {
    return new TorchCheckpoint(
        Path.of("net.pth"),
        List.of(new TensorDict("model", tensors, Map.of())),
        Optional.of(epoch),
        Optional.empty(),
        best,
        List.of(optimizer),
        scheduler == null ? List.of() : List.of(scheduler));
  }
}

package org.kerneldna.sweep.space;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.kerneldna.layers.ChildKernel;
import org.kerneldna.layers.KernelDNA;
import org.kerneldna.layers.SharedConvolution;
import org.kerneldna.layers.SqueezeExcitation;
import org.kerneldna.zoo.Architecture;

/**
 * Changes the children of a network of the zoo from what the paper has to what {@link Settings}
 * say, before it is initialised. What a child does without is taken out of the graph.
 */
public final class Children {

  private static final int PAPERS_GATE_RATIO = 4;

  /** A stage of a residual network, or a block of the others. */
  private static final Pattern CLUSTER = Pattern.compile("layer\\d+|features\\.\\d+");

  private static final Map<String, Kind> KINDS = new ConcurrentHashMap<>();

  private static final String KERNEL = KernelDNA.kernelOf("");

  private final Settings settings;
  private final Map<String, GraphVertex> vertices;
  private final Map<String, List<String>> inputs;

  private Children(Settings settings, ComputationGraphConfiguration conf) {
    this.settings = settings;
    this.vertices = conf.getVertices();
    this.inputs = conf.getVertexInputs();
  }

  /**
   * Changes {@code conf}.
   *
   * @param conf the configuration of a network of the zoo; of a static one nothing changes
   * @return whether anything changed
   */
  public static boolean apply(Settings settings, ComputationGraphConfiguration conf) {
    boolean asInPaper =
        settings.plainClusters() == 0
            && settings.gateRatio() == PAPERS_GATE_RATIO
            && settings.modulation() == Modulation.BOTH;
    if (!settings.customize() || asInPaper) {
      return false;
    }
    new Children(settings, conf).apply();
    return true;
  }

  /**
   * The same settings for all by which the same network is trained in the same way: what has no
   * effect is as in the paper, or the least of what does the same.
   *
   * @param settings of an architecture of the zoo
   */
  public static Settings canonical(Settings settings) {
    if (!settings.customize()) {
      return asInPaper(settings, 0);
    }
    Kind kind = KINDS.computeIfAbsent(settings.arch(), Kind::of);
    if (settings.plainClusters() >= kind.clusters) {
      return asInPaper(settings, kind.clusters);
    }
    boolean filter = settings.modulation().filter;
    Modulation withoutSpatial = filter ? Modulation.BOTH : Modulation.NONE;
    return kind.spatial ? settings : settings.toBuilder().modulation(withoutSpatial).build();
  }

  private static Settings asInPaper(Settings settings, int plainClusters) {
    return settings.toBuilder()
        .plainClusters(plainClusters)
        .gateRatio(PAPERS_GATE_RATIO)
        .modulation(Modulation.BOTH)
        .build();
  }

  /**
   * What an architecture's children have in common.
   *
   * @param clusters that have children
   * @param spatial whether there is a child that spatial modulation can change
   */
  private record Kind(int clusters, boolean spatial) {

    static Kind of(String arch) {
      ComputationGraphConfiguration conf =
          Architecture.named(arch).builder(true).numClasses(2).build().conf();
      Children children = new Children(null, conf);
      List<String> kernels = children.kernels();
      return new Kind(
          children.clusters(kernels).size(),
          kernels.stream()
              .anyMatch(name -> ((ChildKernel) children.layer(name)).isSpatialModulation()));
    }
  }

  private List<String> kernels() {
    return vertices.keySet().stream().filter(name -> layer(name) instanceof ChildKernel).toList();
  }

  private Set<String> clusters(List<String> kernels) {
    Set<String> clusters = new LinkedHashSet<>();
    kernels.forEach(kernel -> clusters.add(cluster(kernel)));
    return clusters;
  }

  private void apply() {
    List<String> names = kernels();
    Set<String> clusters = clusters(names);
    Set<String> plain = Set.copyOf(clusters.stream().limit(settings.plainClusters()).toList());
    for (String kernel : names) {
      String child = kernel.substring(0, kernel.length() - KERNEL.length());
      if (plain.contains(cluster(kernel))) {
        ownKernel(kernel);
        removeGate(child);
      } else {
        modulate(kernel);
        gate(child);
      }
    }
  }

  private static String cluster(String name) {
    Matcher matcher = CLUSTER.matcher(name);
    if (!matcher.lookingAt()) {
      throw new IllegalArgumentException("\"" + name + "\" is in no cluster of a zoo network");
    }
    return matcher.group();
  }

  /** A kernel like the parent's, which has the same shape, in the place of one derived from it. */
  private void ownKernel(String kernel) {
    String parent = inputs.get(kernel).get(0);
    LayerVertex own = (LayerVertex) vertices.get(parent).clone();
    own.getLayerConf().getLayer().setLayerName(kernel);
    vertices.put(kernel, own);
    inputs.put(kernel, inputs.get(parent));
  }

  private void modulate(String kernel) {
    ChildKernel modulation = (ChildKernel) layer(kernel);
    modulation.setSpatialModulation(
        modulation.isSpatialModulation() && settings.modulation().spatial);
    modulation.setFilterModulation(settings.modulation().filter);
    if (!modulation.isSpatialModulation() && !modulation.isFilterModulation()) {
      bypass(kernel);
    }
  }

  private void gate(String child) {
    if (settings.gateRatio() == 0) {
      removeGate(child);
    } else {
      SqueezeExcitation gate = (SqueezeExcitation) layer(KernelDNA.gateOf(child));
      gate.setRatio(gate.getRatio() * settings.gateRatio() / PAPERS_GATE_RATIO);
    }
  }

  private void removeGate(String child) {
    bypass(KernelDNA.gateOf(child));
  }

  /** Takes a vertex with one input out: its only user, a convolution, gets that input. */
  private void bypass(String name) {
    String input = inputs.remove(name).get(0);
    vertices.remove(name);
    for (Map.Entry<String, List<String>> user : inputs.entrySet()) {
      if (vertices.get(user.getKey()) instanceof SharedConvolution) {
        user.setValue(user.getValue().stream().map(i -> i.equals(name) ? input : i).toList());
      }
    }
  }

  private Layer layer(String name) {
    return vertices.get(name) instanceof LayerVertex vertex
        ? vertex.getLayerConf().getLayer()
        : null;
  }
}

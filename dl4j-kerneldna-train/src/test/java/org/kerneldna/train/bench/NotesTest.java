package org.kerneldna.train.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class NotesTest {

  private static final String TRAINING = "No training on batches of 1";
  private static final String THREADS = "Compiled networks may use all 8 processors";

  @Test
  void sayWhoIsWhoAndHowOften() {
    assertThat(notes(false, 8, "Linux"))
        .hasSize(3)
        .anySatisfy(note -> assertThat(note).contains("every 5th round", "in one to warm up"))
        .anySatisfy(note -> assertThat(note).contains("DL4J+oneDNN NHWC: the same, channels last"))
        .anySatisfy(note -> assertThat(note).contains("ONNX Runtime", "8 threads"));
  }

  @Test
  void sayWhatIsNotTrained() {
    assertThat(notes(true, 8, "Linux")).anyMatch(note -> note.startsWith(TRAINING));
    assertThat(notes(false, 8, "Linux")).noneMatch(note -> note.startsWith(TRAINING));
  }

  @Test
  void sayWhereThreadsAreNotShared() {
    assertThat(notes(false, 4, "Windows 11")).anyMatch(note -> note.startsWith(THREADS));
    assertThat(notes(false, 8, "Windows 11")).noneMatch(note -> note.startsWith(THREADS));
    assertThat(notes(false, 4, "Linux")).noneMatch(note -> note.startsWith(THREADS));
  }

  @Test
  void sayWhatDl4jLacks() {
    assertThat(Notes.kept("resnet18", Set.of())).isEmpty();
    assertThat(Notes.kept("convnext_tiny", new TreeSet<>(List.of("LayerScale", "Gelu"))))
        .contains(
            "DL4J has none of these, so its convnext_tiny has this library's: Gelu, LayerScale");
  }

  private static List<String> notes(boolean training, int threads, String os) {
    Machine machine = new Machine("processor", 8, 0.5, os, "amd64", "17", "ND4J");
    return new Notes(training, List.of(1, 8), threads, machine).general();
  }
}

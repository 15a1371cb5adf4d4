package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ImageNetTest {

  @Test
  void hasAThousandClassesInTheOrderOfTheirIds() {
    assertThat(ImageNet.classes()).hasSize(1000).isSorted().doesNotHaveDuplicates();
    assertThat(ImageNet.classes()).allMatch(id -> id.matches("n\\d{8}"));
  }

  @Test
  void namesThem() {
    assertThat(name(0)).isEqualTo("tench");
    assertThat(name(207)).isEqualTo("golden retriever");
    assertThat(name(281)).isEqualTo("tabby");
    assertThat(name(999)).isEqualTo("toilet tissue");
    assertThat(ImageNet.name("n02099601")).hasValue("golden retriever");
    assertThat(ImageNet.name("bag")).isEmpty();
  }

  @Test
  void tellsAllApart() {
    List<String> names =
        ImageNet.classes().stream().map(id -> ImageNet.name(id).orElseThrow()).toList();
    assertThat(names).doesNotHaveDuplicates().contains("crane", "crane (bird)", "maillot");
  }

  private static String name(int label) {
    return ImageNet.name(ImageNet.classes().get(label)).orElseThrow();
  }
}

package org.kerneldna.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageNetTest {

  @Test
  void hasAThousandClassesInTheOrderOfTheirIds() {
    assertThat(ImageNet.classes())
        .hasSize(1000)
        .doesNotHaveDuplicates()
        .isSorted()
        .allMatch(wnid -> wnid.matches("n\\d{8}"));
  }

  @Test
  void everyClassHasANameOfItsOwn() {
    assertThat(ImageNet.classes().stream().map(ImageNet::name))
        .doesNotHaveDuplicates()
        .allMatch(name -> !name.isBlank() && name.equals(name.strip()));
  }

  @ParameterizedTest
  @CsvSource({
    "0, n01440764, tench",
    "134, n02012849, crane bird",
    "207, n02099601, golden retriever",
    "281, n02123045, tabby",
    "517, n03126707, crane",
    "638, n03710637, maillot",
    "639, n03710721, maillot tank suit",
    "999, n15075141, toilet tissue"
  })
  void labelsIdsAndNamesBelongTogether(int label, String wnid, String name) {
    assertThat(ImageNet.classes().get(label)).isEqualTo(wnid);
    assertThat(ImageNet.name(wnid)).isEqualTo(name);
  }

  @Test
  void anotherIdIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageNet.name("n00000000"))
        .withMessage("\"n00000000\" is no class of ImageNet-1K");
  }
}

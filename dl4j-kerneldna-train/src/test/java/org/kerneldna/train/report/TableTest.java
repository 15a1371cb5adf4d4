package org.kerneldna.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TableTest {

  @Test
  void columnsAreAligned() {
    Table table = new Table("", "MACs").row("static", "28.8 M").row("KernelDNA", "137.2 M");
    assertThat(table.toString().lines())
        .containsExactly("              MACs", "static      28.8 M", "KernelDNA  137.2 M");
  }
}

package org.kerneldna.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kerneldna.train.report.SvgChart.Curve;
import org.kerneldna.train.report.SvgChart.Point;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class TrainingReportTest {

  @TempDir Path folder;

  private static Element parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)))
        .getDocumentElement();
  }

  private static String svg(double... values) {
    List<Point> points =
        IntStream.range(0, values.length).mapToObj(i -> new Point(i + 1, values[i])).toList();
    return new SvgChart(List.of(new Curve("a < b", points))).svg("Title");
  }

  @Test
  void aPictureIsXmlWithEveryPointInsideIt() throws Exception {
    NodeList circles = parse(svg(2.5, -1, 0.25)).getElementsByTagName("circle");
    assertThat(circles.getLength()).isEqualTo(3);
    double[] heights = new double[3];
    for (int i = 0; i < 3; i++) {
      Element circle = (Element) circles.item(i);
      heights[i] = Double.parseDouble(circle.getAttribute("cy"));
      assertThat(Double.parseDouble(circle.getAttribute("cx"))).isBetween(0.0, 480.0);
      assertThat(heights[i]).isBetween(0.0, 280.0);
    }
    // Down is up in a picture.
    assertThat(heights[0]).isLessThan(heights[2]);
    assertThat(heights[2]).isLessThan(heights[1]);
    assertThat(circles.item(0).getTextContent()).isEqualTo("a < b, epoch 1: 2.5000");
  }

  @Test
  void ticksAreRoundNumbersAroundTheValues() throws Exception {
    assertThat(parse(svg(0.3, 1.9)).getTextContent())
        .contains("0.00", "0.500", "1.00", "1.50", "2.00")
        .doesNotContain("2.50");
    assertThat(parse(svg(0, 0)).getTextContent()).contains("0.200").doesNotContain("e-");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 7, -3, 1e-7})
  void aSingleValueHasAPictureToo(double value) throws Exception {
    Element circle = (Element) parse(svg(value)).getElementsByTagName("circle").item(0);
    assertThat(Double.parseDouble(circle.getAttribute("cy"))).isBetween(0.0, 280.0);
  }

  @Test
  void cellsThatAreMissingAreLeftOutOfTheCurves() throws IOException {
    Path file = folder.resolve("report.html");
    TrainingReport.write(
        file,
        "a & b",
        "lr: <1>",
        List.of(
            Map.of("epoch", "1", "train_loss", "2.0", "eval_loss", ""),
            Map.of("epoch", "2", "train_loss", "1.0", "eval_loss", "1.5")));
    String page = Files.readString(file);
    assertThat(page).contains("<title>a &amp; b</title>", "lr: &lt;1&gt;");
    assertThat(page.split("<circle")).hasSize(1 + 3);
  }
}

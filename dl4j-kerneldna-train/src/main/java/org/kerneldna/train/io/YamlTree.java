package org.kerneldna.train.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.math.BigInteger;
import java.util.regex.Pattern;
import lombok.experimental.UtilityClass;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * The tree of a YAML document, by the core schema of YAML 1.2 without its octal, hexadecimal and
 * infinite numbers: {@code true} and {@code false} are truth values, decimal numbers are numbers,
 * {@code null}, {@code ~} and nothing are null, and all else is text, {@code yes}, {@code 064} and
 * {@code 1_000} among it. A key that is given twice, tags, aliases of collections and a second
 * document are errors.
 */
@UtilityClass
class YamlTree {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final Pattern INTEGER = Pattern.compile("[-+]?(0|[1-9][0-9]*)");
  private static final Pattern REAL =
      Pattern.compile("[-+]?(\\.[0-9]+|(0|[1-9][0-9]*)(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final Pattern NOTHING = Pattern.compile("|~|null|Null|NULL");
  private static final Pattern TRUE = Pattern.compile("true|True|TRUE");
  private static final Pattern FALSE = Pattern.compile("false|False|FALSE");

  /** More digits than a number has any use for, which would take long to read. */
  private static final int MAX_DIGITS = 1000;

  /** Leaves it to {@link #scalar} what a word means. */
  private static final class NoResolver extends Resolver {
    @Override
    protected void addImplicitResolvers() {}
  }

  /**
   * The tree; missing where there is no document.
   *
   * @throws IllegalArgumentException saying what cannot be read, and in which line
   */
  JsonNode parse(String yaml) {
    LoaderOptions options = new LoaderOptions();
    options.setMaxAliasesForCollections(0);
    DumperOptions unused = new DumperOptions();
    Yaml parser =
        new Yaml(
            new SafeConstructor(options),
            new Representer(unused),
            unused,
            options,
            new NoResolver());
    try {
      Node root = parser.compose(new StringReader(yaml));
      return root == null ? MissingNode.getInstance() : tree(root);
    } catch (MarkedYAMLException e) {
      String context = e.getContext() == null ? "" : e.getContext() + ", ";
      throw noYaml(context + e.getProblem() + line(e.getProblemMark()), e);
    } catch (YAMLException e) {
      throw noYaml(e.getMessage(), e);
    }
  }

  private IllegalArgumentException noYaml(String why, YAMLException e) {
    String line = why.lines().findFirst().orElse("");
    return new IllegalArgumentException("it is no YAML that can be read here: " + line, e);
  }

  /** The number that a word of YAML is; text where it is none. */
  JsonNode number(String word) {
    if (word.length() > MAX_DIGITS) {
      return NODES.textNode(word);
    }
    if (INTEGER.matcher(word).matches()) {
      BigInteger whole = new BigInteger(word);
      if (whole.bitLength() < Integer.SIZE) {
        return NODES.numberNode(whole.intValue());
      }
      return whole.bitLength() < Long.SIZE
          ? NODES.numberNode(whole.longValue())
          : NODES.numberNode(whole);
    }
    if (REAL.matcher(word).matches() && Double.isFinite(Double.parseDouble(word))) {
      return NODES.numberNode(Double.parseDouble(word));
    }
    return NODES.textNode(word);
  }

  private JsonNode tree(Node node) {
    if (node instanceof MappingNode mapping) {
      requireNoTag(node, Tag.MAP);
      return mapping(mapping);
    }
    if (node instanceof SequenceNode sequence) {
      requireNoTag(node, Tag.SEQ);
      return NODES.arrayNode().addAll(sequence.getValue().stream().map(YamlTree::tree).toList());
    }
    requireNoTag(node, Tag.STR);
    return scalar((ScalarNode) node);
  }

  private JsonNode mapping(MappingNode mapping) {
    ObjectNode tree = NODES.objectNode();
    for (NodeTuple entry : mapping.getValue()) {
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        throw refused("a key is no word", entry.getKeyNode());
      }
      JsonNode value = tree(entry.getValueNode());
      JsonNode before = tree.replace(key.getValue(), value);
      if (before != null) {
        throw refused(
            "the key '%s' is given twice, as %s and as %s".formatted(key.getValue(), before, value),
            key);
      }
    }
    return tree;
  }

  private JsonNode scalar(ScalarNode node) {
    String word = node.getValue();
    if (!node.isPlain()) {
      return NODES.textNode(word);
    }
    if (NOTHING.matcher(word).matches()) {
      return NODES.nullNode();
    }
    if (TRUE.matcher(word).matches() || FALSE.matcher(word).matches()) {
      return NODES.booleanNode(TRUE.matcher(word).matches());
    }
    return number(word);
  }

  private void requireNoTag(Node node, Tag own) {
    if (!node.getTag().equals(own)) {
      throw refused("leave the tag %s out".formatted(node.getTag().getValue()), node);
    }
  }

  private IllegalArgumentException refused(String why, Node where) {
    return new IllegalArgumentException(why + line(where.getStartMark()));
  }

  private String line(Mark mark) {
    return mark == null ? "" : " (line %d)".formatted(mark.getLine() + 1);
  }
}

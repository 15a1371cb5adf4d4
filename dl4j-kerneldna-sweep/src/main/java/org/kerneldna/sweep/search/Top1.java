package org.kerneldna.sweep.search;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.deeplearning4j.arbiter.optimize.api.data.DataProvider;
import org.deeplearning4j.arbiter.optimize.api.data.DataSource;
import org.deeplearning4j.arbiter.optimize.api.score.ScoreFunction;

/** Tells Arbiter that a high score is a good one. What scores is the training itself. */
public final class Top1 implements ScoreFunction {

  @Override
  public boolean minimize() {
    return false;
  }

  @Override
  public double score(Object model, DataProvider data, Map<String, Object> parameters) {
    throw new UnsupportedOperationException("Candidates are scored as they are trained");
  }

  @Override
  public double score(Object model, Class<? extends DataSource> data, Properties properties) {
    throw new UnsupportedOperationException("Candidates are scored as they are trained");
  }

  @Override
  public List<Class<?>> getSupportedModelTypes() {
    return List.of();
  }

  @Override
  public List<Class<?>> getSupportedDataTypes() {
    return List.of();
  }
}

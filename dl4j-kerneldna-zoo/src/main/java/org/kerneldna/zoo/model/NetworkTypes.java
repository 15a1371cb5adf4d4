package org.kerneldna.zoo.model;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import lombok.RequiredArgsConstructor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonTypeInfo;
import org.nd4j.shade.jackson.databind.DatabindContext;
import org.nd4j.shade.jackson.databind.JavaType;
import org.nd4j.shade.jackson.databind.JsonMappingException;
import org.nd4j.shade.jackson.databind.cfg.MapperConfig;
import org.nd4j.shade.jackson.databind.introspect.Annotated;
import org.nd4j.shade.jackson.databind.introspect.JacksonAnnotationIntrospector;
import org.nd4j.shade.jackson.databind.jsontype.NamedType;
import org.nd4j.shade.jackson.databind.jsontype.PolymorphicTypeValidator;
import org.nd4j.shade.jackson.databind.jsontype.TypeIdResolver;
import org.nd4j.shade.jackson.databind.jsontype.impl.StdTypeResolverBuilder;
import org.nd4j.shade.jackson.databind.jsontype.impl.TypeIdResolverBase;

/**
 * What the annotations of DL4J's configurations mean where the JSON is not trusted: a class that
 * the JSON names is taken only if it is DL4J's, ND4J's, KernelDNA's or allowed by name, and of the
 * kind that stands there, such as a layer or an activation. It is not even initialised before.
 */
final class NetworkTypes extends JacksonAnnotationIntrospector {

  private static final long serialVersionUID = 1L;
  private static final List<String> PACKAGES =
      List.of("org.deeplearning4j.", "org.nd4j.", "org.kerneldna.");

  private final Set<String> moreClasses;

  NetworkTypes(Collection<String> moreClasses) {
    this.moreClasses = Set.copyOf(moreClasses);
  }

  @Override
  protected StdTypeResolverBuilder _constructStdTypeResolverBuilder() {
    return new Builder();
  }

  @Override
  public Object findDeserializer(Annotated annotated) {
    return INDArray.class.isAssignableFrom(annotated.getRawType())
        ? JsonArrayReader.class
        : super.findDeserializer(annotated);
  }

  private boolean isAllowed(String name) {
    return moreClasses.contains(name) || PACKAGES.stream().anyMatch(name::startsWith);
  }

  private final class Builder extends StdTypeResolverBuilder {

    @Override
    protected TypeIdResolver idResolver(
        MapperConfig<?> config,
        JavaType baseType,
        PolymorphicTypeValidator validator,
        Collection<NamedType> subtypes,
        boolean forSerialization,
        boolean forDeserialization) {
      return _idType == JsonTypeInfo.Id.CLASS
          ? new ClassNames(baseType)
          : super.idResolver(
              config, baseType, validator, subtypes, forSerialization, forDeserialization);
    }

    /** None: they read old formats by mappers that allow every class. */
    @Override
    public StdTypeResolverBuilder defaultImpl(Class<?> implementation) {
      return this;
    }
  }

  @RequiredArgsConstructor
  private final class ClassNames extends TypeIdResolverBase {

    private final JavaType baseType;

    @Override
    public JavaType typeFromId(DatabindContext context, String name) throws IOException {
      String kind = baseType.getRawClass().getSimpleName();
      if (!isAllowed(name)) {
        throw new JsonMappingException(
            null, "names the class " + name + " as " + kind + ", which is not allowed by name");
      }
      try {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        ClassLoader ours = NetworkTypes.class.getClassLoader();
        Class<?> type = Class.forName(name, false, loader == null ? ours : loader);
        if (!baseType.isTypeOrSuperTypeOf(type)) {
          throw new JsonMappingException(null, name + " is no " + kind);
        }
        return context.constructSpecializedType(baseType, type);
      } catch (ClassNotFoundException e) {
        throw new JsonMappingException(null, "names the class " + name + ", which is missing", e);
      }
    }

    @Override
    public String idFromValue(Object value) {
      return value.getClass().getName();
    }

    @Override
    public String idFromValueAndType(Object value, Class<?> suggested) {
      return idFromValue(value);
    }

    @Override
    public JsonTypeInfo.Id getMechanism() {
      return JsonTypeInfo.Id.CLASS;
    }
  }
}

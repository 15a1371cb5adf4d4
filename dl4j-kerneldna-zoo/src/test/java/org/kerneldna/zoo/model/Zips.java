package org.kerneldna.zoo.model;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import lombok.experimental.UtilityClass;

/** Zip files as somebody else may write them. */
@UtilityClass
class Zips {

  Map<String, byte[]> read(Path file) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (var all = zip.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
      }
    }
    return entries;
  }

  byte[] bytes(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
    return bytes.toByteArray();
  }

  Path write(Path file, Map<String, byte[]> entries) throws IOException {
    return Files.write(file, bytes(entries));
  }

  /** Replaces every occurrence, which must be as long. */
  byte[] replace(byte[] bytes, byte[] old, byte[] by) {
    byte[] result = bytes.clone();
    for (int i = 0; i + old.length <= result.length; i++) {
      if (Arrays.equals(result, i, i + old.length, old, 0, old.length)) {
        System.arraycopy(by, 0, result, i, by.length);
      }
    }
    return result;
  }
}

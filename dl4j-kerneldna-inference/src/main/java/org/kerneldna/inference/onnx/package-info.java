/**
 * The backend that writes programs as ONNX: {@link org.kerneldna.inference.onnx.OnnxModel} puts a
 * network into a file's form.
 */
package org.kerneldna.inference.onnx;

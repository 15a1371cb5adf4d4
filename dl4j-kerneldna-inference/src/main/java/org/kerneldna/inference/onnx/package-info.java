/**
 * The backend that writes programs as ONNX: {@link org.kerneldna.inference.onnx.OnnxModel} makes
 * the model that a file holds.
 */
package org.kerneldna.inference.onnx;

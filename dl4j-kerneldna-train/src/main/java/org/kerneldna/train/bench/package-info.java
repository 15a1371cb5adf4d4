/** DL4J's own layers, this library's and compiled networks against one another, in one run. */
package org.kerneldna.train.bench;

/** Networks that DL4J saved, read from files that nobody vouches for. */
package org.kerneldna.zoo.model;

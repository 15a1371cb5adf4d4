/** KernelDNA against its static twin on images that come with this module. */
package org.kerneldna.train.demo;

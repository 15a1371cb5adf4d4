package org.kerneldna.zoo.checkpoint;

import java.util.Set;
import java.util.stream.Stream;

/**
 * The names by which a pickle makes Python run programs or code, read or write files, or reach what
 * does. Nothing here would run them; but who put one into a file meant harm, or a Python program
 * should not load it, so the file is refused.
 */
final class RunsCode {

  /** Modules of which a checkpoint needs nothing, and those below them. */
  private static final Set<String> MODULES =
      Set.of(
          "_ctypes",
          "_frozen_importlib",
          "_frozen_importlib_external",
          "_pickle",
          "_posixsubprocess",
          "_socket",
          "asyncio",
          "bdb",
          "cPickle",
          "cProfile",
          "cffi",
          "cloudpickle",
          "code",
          "codeop",
          "commands",
          "ctypes",
          "dill",
          "doctest",
          "ensurepip",
          "fileinput",
          "ftplib",
          "gc",
          "httplib",
          "http.client",
          "http.server",
          "imp",
          "importlib",
          "joblib",
          "marshal",
          "multiprocessing.util",
          "nt",
          "numpy.f2py",
          "numpy.testing",
          "os",
          "pdb",
          "pickle",
          "pip",
          "pkgutil",
          "popen2",
          "posix",
          "profile",
          "pty",
          "pydoc",
          "requests",
          "runpy",
          "shelve",
          "shutil",
          "smtplib",
          "socket",
          "subprocess",
          "sys",
          "timeit",
          "torch.hub",
          "torch.jit._serialization",
          "torch.package",
          "torch.serialization",
          "torch.utils.cpp_extension",
          "trace",
          "urllib",
          "urllib2",
          "venv",
          "webbrowser",
          "xmlrpc",
          "zipimport");

  /** Functions of modules that are harmless otherwise. */
  private static final Set<String> FUNCTIONS =
      Set.of(
          "_io.FileIO",
          "_io.open",
          "_io.open_code",
          "builtins.__import__",
          "builtins.apply",
          "builtins.breakpoint",
          "builtins.compile",
          "builtins.delattr",
          "builtins.eval",
          "builtins.exec",
          "builtins.execfile",
          "builtins.filter",
          "builtins.getattr",
          "builtins.globals",
          "builtins.input",
          "builtins.locals",
          "builtins.map",
          "builtins.open",
          "builtins.reload",
          "builtins.setattr",
          "builtins.vars",
          "functools.reduce",
          "io.FileIO",
          "io.open",
          "io.open_code",
          "numpy.fromfile",
          "numpy.genfromtxt",
          "numpy.load",
          "numpy.loadtxt",
          "numpy.memmap",
          "operator.attrgetter",
          "operator.methodcaller",
          "pandas.eval",
          "pandas.read_pickle",
          "torch.jit.load",
          "torch.load",
          "torch.storage._load_from_bytes",
          "types.CodeType",
          "types.FunctionType",
          "types.MethodType");

  private RunsCode() {}

  /** Whether a pickle that names this would run something. */
  static boolean names(String module, String member) {
    // As Python 2 called it.
    String today = module.equals("__builtin__") ? "builtins" : module;
    String name = today + "." + member;
    // A member can have dots of its own: collections, OrderedDict.__init__.__globals__.
    return member.contains(".__")
        || MODULES.stream().anyMatch(listed -> (today + ".").startsWith(listed + "."))
        || Stream.iterate(name, n -> !n.isEmpty(), RunsCode::parent).anyMatch(FUNCTIONS::contains);
  }

  private static String parent(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }
}

package org.kerneldna.torch;

import static org.kerneldna.torch.OneLine.quote;

import java.util.Set;

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
          "builtins.apply",
          "builtins.breakpoint",
          "builtins.compile",
          "builtins.delattr",
          "builtins.eval",
          "builtins.exec",
          "builtins.execfile",
          "builtins.filter",
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

  /** What leads from any class or function to all others. */
  private static final Set<String> INSIDES =
      Set.of(
          "__builtins__",
          "__class__",
          "__code__",
          "__dict__",
          "__getattribute__",
          "__globals__",
          "__import__",
          "__init__",
          "__loader__",
          "__mro__",
          "__subclasses__");

  private RunsCode() {}

  /**
   * Refuses the name if it is one of these.
   *
   * @throws CheckpointException as a warning
   */
  static void refuse(String module, String member) {
    // As Python 2 called it.
    String today = module.equals("__builtin__") ? "builtins" : module;
    String name = today + "." + member;
    // What functions keep is within reach of dots: collections, OrderedDict.__init__.__globals__.
    boolean inside = INSIDES.stream().anyMatch(name::contains);
    boolean listed =
        MODULES.stream().anyMatch(known -> (name + ".").startsWith(known + "."))
            || FUNCTIONS.stream().anyMatch(known -> (name + ".").startsWith(known + "."));
    if (inside || listed) {
      throw malicious(module + "." + member);
    }
  }

  /** The warning that a file would run {@code name}. */
  static CheckpointException malicious(String name) {
    return new CheckpointException(
        "is malicious: Python would run "
            + quote(name)
            + " on loading it, which no checkpoint needs; delete it, and load it nowhere");
  }
}

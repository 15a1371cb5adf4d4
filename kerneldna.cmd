@echo off
rem KernelDNA's command line. Builds itself on first use and after a change of the sources.
rem JAVA_HOME chooses the Java; KERNELDNA_OPTS holds further JVM options, such as -Xmx16g.
setlocal

set "root=%~dp0"
set "target=%root%dl4j-kerneldna-train\target"
set "sweep=%root%dl4j-kerneldna-sweep\target"
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"

set "version="
for /f "tokens=3" %%v in ('call "%java%" -version 2^>^&1 ^| findstr /c:" version "') do set "version=%%~v"
set "major="
for /f "delims=.-" %%m in ("%version%") do set "major=%%m"
if not defined major goto nojava
if %major% lss 17 goto oldjava
rem JavaCPP reads memory by sun.misc.Unsafe, of which newer Javas warn at every start.
set "unsafe="
if %major% geq 23 set "unsafe=--sun-misc-unsafe-memory-access=allow"

call :find
if defined jar call :fresh
if defined jar goto run

>&2 echo kerneldna: building, which takes a few minutes the first time
pushd "%root%"
call mvnw.cmd -q -B -DskipTests -Dspotless.check.skip package>&2
set "status=%errorlevel%"
popd
if not "%status%" == "0" goto failed
call :find
rem Maven keeps a jar whose classes have not changed.
powershell -NoProfile -Command "(Get-Item $env:jar).LastWriteTime = Get-Date"

:run
rem A quarter of the machine's memory for the Java heap, which is Java's own default. ND4J's arrays
rem lie outside of it: let them have twice as much, and stop before the process holds more than 80 %%.
rem Threads of OpenMP that wait in a loop take the cores from those that work.
if not defined OMP_WAIT_POLICY set "OMP_WAIT_POLICY=passive"
rem Little lives in the Java heap. Java's parallel collectors let it grow to gigabytes all the same.
"%java%" ^
  -XX:+UseSerialGC ^
  "@%root%java.options" ^
  %unsafe% ^
  -Dorg.bytedeco.javacpp.maxbytes=200%% ^
  -Dorg.bytedeco.javacpp.maxphysicalbytes=320%% ^
  %KERNELDNA_OPTS% ^
  -cp "%jar%;%target%\lib\*;%sweep%\*;%sweep%\lib\*" ^
  org.kerneldna.train.cli.KernelDNA %*
exit /b %errorlevel%

:nojava
>&2 echo kerneldna: needs Java 17 or newer, and found none; install a JDK or set JAVA_HOME
exit /b 1

:oldjava
>&2 echo kerneldna: needs Java 17 or newer, and %java% is version %major%
exit /b 1

:failed
>&2 echo kerneldna: the build failed
exit /b 1

:find
set "jar="
if exist "%target%\lib" for %%j in ("%target%\dl4j-kerneldna-train-*.jar") do set "jar=%%j"
exit /b

rem Forgets the jar if a source is newer.
:fresh
powershell -NoProfile -Command "$built = (Get-Item $env:jar).LastWriteTime; $sources = Get-ChildItem -Recurse -File ($env:root + 'pom.xml'), ($env:root + 'dl4j-kerneldna-*\pom.xml'), ($env:root + 'dl4j-kerneldna-*\src\main'); if ($sources | Where-Object { $_.LastWriteTime -gt $built }) { exit 1 }"
if errorlevel 1 set "jar="
exit /b

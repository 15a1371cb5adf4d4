# Sourced by what starts Java: how memory and threads serve ND4J best, unless set otherwise.

# Threads of OpenMP that wait in a loop take the cores from those that work.
# But a little they should: a network's next operation follows at once, and waking them takes longer.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY-passive}" GOMP_SPINCOUNT="${GOMP_SPINCOUNT-10000}"
# Convolutions take and free large scratch memory at every call. glibc would hand it back to the system
# each time, and finding the pages anew costs up to a third of a training step. One arena for all threads:
# others could not hold blocks above 64 MB, and would each keep memory that only its own threads can use.
export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_-17179869184}"
export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_-4294967296}"
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX-1}"

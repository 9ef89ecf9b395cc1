# SPDX-License-Identifier: MIT
# Runs a collector of tcollector's own for scripts/bench --collectors: FOLDER FILE READINGS. It pauses for 50 ms where it
# would sleep. After its readings it says on stderr: bytes resident, and nanoseconds of processor time of a reading.
import os
import runpy
import sys
import time

folder, file, readings = sys.argv[1], sys.argv[2], int(sys.argv[3])
memory = open("/proc/self/smaps_rollup")  # now: later, as another user, we may not
pause = time.sleep
times = []


def sleep(_):
    sys.stdout.flush()
    times.append(time.process_time_ns())
    if len(times) <= readings:
        pause(0.05)
        return
    resident = [line.split()[1] for line in memory if line.startswith("Rss:")]
    print(int(resident[0]) * 1024, (times[-1] - times[0]) // readings, file=sys.stderr, flush=True)
    os._exit(0)


time.sleep = sleep
sys.path.insert(0, folder)
sys.argv = [file]
runpy.run_path(file, run_name="__main__")

// SPDX-License-Identifier: MIT
// `tickertape agent --import`: tcollector's settings, which are Python, as agent.conf.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "base/unique_fd.hpp"
#include "cli/agent/settings.hpp"

namespace tickertape::cli::agent {

namespace {

/// A Python program that reads tcollector's settings as tcollector does at its start: the defaults of collectors.etc.config,
/// /etc/tcollector.json, then `onload` of each module in the folder `etc` of the collectors. It prints agent.conf. Its arguments
/// are the directory and its root.
constexpr const char* script = R"py(
import importlib.util, json, os, sys, types
sys.dont_write_bytecode = True
cdir, root = sys.argv[1:3]
sys.argv = [os.path.join(root, 'tcollector.py')]
sys.path[:0] = [root]
out, sys.stdout = sys.stdout, sys.stderr
known = {'host': 'localhost', 'port': 4242, 'hosts': False, 'tags': [], 'dedupinterval': 300, 'deduponlyzero': False,
         'allowed_inactivity_time': 600, 'remove_inactive_collectors': False, 'http': False, 'ssl': False,
         'http_api_path': 'api/put', 'http_username': False, 'http_password': False, 'namespace_prefix': '',
         'no_tcollector_stats': False, 'cdir': cdir}
silent = {'evictinterval': 6000, 'reconnectinterval': 0, 'maxtags': 8, 'monitoring_interface': None,
          'monitoring_port': 13280, 'pidfile': '/var/run/tcollector.pid', 'logfile': '/var/log/tcollector.log',
          'verbose': False, 'dryrun': False, 'stdin': False, 'daemonize': False}
names = {'hosts': 'hosts-list', 'dedupinterval': 'dedup', 'deduponlyzero': 'dedup-only-zero'}
values = dict(known); values.update(silent)
notes = []
try:
    from collectors.etc import config
    values.update(config.get_defaults())
except ImportError as error:
    notes.append('there is no collectors.etc.config: %s' % error)
if os.path.exists('/etc/tcollector.json'):
    with open('/etc/tcollector.json') as file:
        values.update(json.load(file))
options = types.SimpleNamespace(**values)
tags = dict(tag.split('=', 1) for tag in options.tags)
etc = os.path.join(cdir, 'etc')
sys.path.append(etc)
for name in sorted(os.listdir(etc)) if os.path.isdir(etc) else []:
    if name.endswith('.py'):
        path = os.path.join(etc, name)
        spec = importlib.util.spec_from_file_location(name[:-3], path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if callable(getattr(module, 'onload', None)):
            module.onload(options, tags)
            notes.append('%s was run once; this file lacks changes that it makes later, or on another host' % path)
def is_unset(value): # 0 is a value
    return value is None or value is False or value in ('', [])
def text(value):
    value = 'true' if value is True else str(value)
    if '\n' in value or value != value.strip() or '#' in value or value[:1] in ('"', "'"):
        value = '"%s"' % value if '"' not in value and '\n' not in value else None
    return value
def write(key, value):
    value = text(value)
    if value is None:
        notes.append('%s cannot be written in this file' % key)
    else:
        print('%s = %s' % (key, value), file=out)
print('# Made of the settings of tcollector in %s by tickertape agent --import.' % root, file=out)
for key, usual in known.items():
    value = getattr(options, key, usual)
    if key == 'cdir':
        write('collector-dir', cdir)
    elif key != 'tags' and value != usual and not is_unset(value):
        write(names.get(key, key.replace('_', '-')), value)
for key in sorted(tags):
    write('tag', '%s=%s' % (key, tags[key]))
for key, value in sorted(vars(options).items()):
    if key not in known and value != silent.get(key, '') and not is_unset(value):
        notes.append('%s = %s is not carried over' % (key, value))
for note in notes:
    print('# ' + note.replace('\n', ' '), file=out)
out.flush()
)py";

int run_python(const std::string& directory, const std::string& root, int out) {
    posix_spawn_file_actions_t files{};
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    std::array<std::string, 5> words{"python3", "-c", script, directory, root};
    std::array<char*, 6> arguments{words[0].data(), words[1].data(), words[2].data(),
                                   words[3].data(), words[4].data(), nullptr};
    pid_t id = -1;
    const int error = posix_spawnp(&id, "python3", &files, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0) {
        throw std::system_error{error, std::generic_category(),
                                "cannot start python3, which reads tcollector's settings"};
    }
    int status = 0;
    while (waitpid(id, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}

} // namespace

int import_settings(const Settings& settings, const std::string& path) {
    if (path == "-") {
        return run_python(settings.directory.native(), settings.root.native(), STDOUT_FILENO);
    }
    // The package has no /etc/tickertape. If this fails, so does open.
    std::error_code ignored;
    std::filesystem::create_directory(std::filesystem::path{path}.parent_path(), ignored);
    constexpr mode_t for_owner = 0600; // the file may contain a password
    const base::UniqueFd file{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, for_owner)};
    if (!file.valid()) {
        throw std::system_error{errno, std::generic_category(), base::concat("cannot make ", base::quote(path))};
    }
    const int failed = run_python(settings.directory.native(), settings.root.native(), file.get());
    if (failed != 0) {
        unlink(path.c_str());
    }
    return failed;
}

} // namespace tickertape::cli::agent

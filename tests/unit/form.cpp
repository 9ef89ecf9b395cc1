// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <unistd.h>

#include <string_view>

#include "point/start_evidence.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace std::string_view_literals;
using tickertape::Form;
using tickertape::point::detect_form;
using tickertape::point::StartEvidence;

namespace {

// A collector, process 300, whose session leader 200 is a child of 100.
StartEvidence evidence_in(const test::TemporaryDirectory& proc) {
    return {.output_is_pipe = true,
            .stdout_and_stderr_are_pipes = true,
            .process = 300,
            .parent = 200,
            .session_leader = 200,
            .started_as = "/opt/collectors/bin/numprocesses",
            .proc = proc.path()};
}

Form form_with(std::string_view stat, std::string_view command_line) {
    const test::TemporaryDirectory proc;
    proc.write("200/stat", stat);
    proc.write("100/cmdline", command_line);
    return detect_form(evidence_in(proc));
}

constexpr std::string_view leader = "200 (numprocesses) S 100 200 200 0 -1 4194304 0 0\n";

} // namespace

TEST_CASE("The first three words of the session leader's parent reveal tcollector") {
    CHECK(form_with(leader, "/usr/bin/python3\0/usr/share/tcollector/tcollector.py\0-D\0"sv) == Form::tcollector);
    CHECK(form_with(leader, "/usr/bin/python3\0-u\0tcollector.py\0"sv) == Form::tcollector);
    CHECK(form_with(leader, "tcollector\0"sv) == Form::tcollector);
    CHECK(form_with(leader, "/usr/bin/tcollector"sv) == Form::tcollector);
    CHECK(form_with(leader, "bash\0"sv) == Form::put);
    CHECK(form_with(leader, "vim\0/etc/tcollector.conf\0"sv) == Form::put);
    CHECK(form_with(leader, "tail\0-n\0001\0tcollector.py\0"sv) == Form::put);
    CHECK(form_with(leader, ""sv) == Form::put);
}

TEST_CASE("A process name with blanks and parentheses does not hide the parent") {
    const auto command_line = "python3\0tcollector.py\0"sv;
    CHECK(form_with("200 (a) R 1 (b c)) S 100 200 200\n", command_line) == Form::tcollector);
    CHECK(form_with("200 (x\n) S 100 200\n", command_line) == Form::tcollector);
}

TEST_CASE("A stat that is cut short, empty or strange is no evidence") {
    for (const auto stat : {""sv, "200"sv, "200 (x"sv, "200 (x)"sv, "200 (x) S"sv, "200 (x) S "sv, "200 (x) S 100"sv,
                            "200 (x) S abc 1\n"sv, "200 (x) S -100 1\n"sv, "200 (x) S 99999999999 1\n"sv}) {
        CAPTURE(stat);
        CHECK(form_with(stat, "python3\0tcollector.py\0"sv) == Form::put);
    }
}

TEST_CASE("Output that does not go into a pipe is never in tcollector's form") {
    const test::TemporaryDirectory proc;
    proc.write("200/stat", leader);
    proc.write("100/cmdline", "tcollector.py");
    StartEvidence evidence = evidence_in(proc);
    CHECK(detect_form(evidence) == Form::tcollector);
    evidence.output_is_pipe = false;
    CHECK(detect_form(evidence) == Form::put);
}

TEST_CASE("Without a readable proc, a session leader between pipes in a numbered directory is for tcollector") {
    const test::TemporaryDirectory proc;
    StartEvidence evidence = evidence_in(proc);
    evidence.process = evidence.session_leader = 300;
    evidence.started_as = "/opt/tcollector/collectors/0/numprocesses";
    CHECK(detect_form(evidence) == Form::tcollector);

    StartEvidence other = evidence;
    other.started_as = "/opt/tcollector/collectors/bin/numprocesses";
    CHECK(detect_form(other) == Form::put);
    other = evidence;
    other.started_as = "numprocesses";
    CHECK(detect_form(other) == Form::put);
    other = evidence;
    other.session_leader = 200;
    CHECK(detect_form(other) == Form::put);
    other = evidence;
    other.parent = 1;
    CHECK(detect_form(other) == Form::put);
    other = evidence;
    other.stdout_and_stderr_are_pipes = false;
    CHECK(detect_form(other) == Form::put);
}

TEST_CASE("The evidence of this process is its own") {
    const int file = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    const StartEvidence evidence = tickertape::point::start_evidence(file);
    CHECK_FALSE(evidence.output_is_pipe);
    CHECK(evidence.process == ::getpid());
    CHECK(evidence.parent == ::getppid());
    CHECK(evidence.session_leader == ::getsid(0));
    CHECK_FALSE(evidence.started_as.empty());
    CHECK(tickertape::detect_form(file) == Form::put);
    ::close(file);

    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    CHECK(tickertape::point::start_evidence(ends[1]).output_is_pipe);
    ::close(ends[0]);
    ::close(ends[1]);
}

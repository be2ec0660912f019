"""Cancelling: signals, and the docker CLI going away (its end of the plugin socket closes)."""
import os
import signal
import socket

import pexpect

from home import BINARY, HomeTest


class CancelTest(HomeTest):
    def waiting(self, **environment):
        """A command in the middle of its work: here, of a question."""
        child = pexpect.spawn(BINARY, ["setup"], env={**self.environment, **environment}, cwd=str(self.home), timeout=10,
                              encoding="utf-8")
        self.addCleanup(child.close)
        child.expect("Enter context name")
        return child

    def exit_code(self, child):
        child.expect(pexpect.EOF)
        child.close()
        return child.exitstatus

    def test_a_signal_cancels_with_130(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            child = self.waiting()
            os.kill(child.pid, number)
            self.assertEqual(self.exit_code(child), 130)

    def test_the_end_of_docker_cancels(self):
        name = f"docker_cli_test_{os.getpid()}"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("\0" + name)
            listener.listen()
            listener.settimeout(10)
            child = self.waiting(DOCKER_CLI_PLUGIN_SOCKET="@" + name)
            connection, _ = listener.accept()
            connection.close()
            self.assertEqual(self.exit_code(child), 130)

    def test_a_socket_that_is_gone_is_ignored(self):
        child = self.waiting(DOCKER_CLI_PLUGIN_SOCKET="@docker_cli_nobody")
        child.send("\x03")
        self.assertEqual(self.exit_code(child), 130)

    def test_the_terminal_is_left_as_it_was(self):
        child = pexpect.spawn("/bin/sh", ["-c", f"{BINARY} setup; stty -a; exit 7"], env=self.environment,
                              cwd=str(self.home), timeout=10, encoding="utf-8")
        self.addCleanup(child.close)
        child.expect("Enter context name")
        child.send("\x03")
        child.expect(r" icanon .* echo ")
        self.assertEqual(self.exit_code(child), 7)

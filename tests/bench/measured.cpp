// measured COMMAND...: runs it and prints its wall time in seconds, its peak memory in KiB and its
// status. A process of its own, because the kernel counts the memory of whoever starts a program to
// that program's peak: this one is small.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
  }
  const auto start = std::chrono::steady_clock::now();
  pid_t child = 0;
  if (argc < 2 || posix_spawnp(&child, argv[1], &files, nullptr, argv + 1, environ) != 0) {
    return 127;
  }
  int status = 0;
  struct rusage usage{};
  wait4(child, &status, 0, &usage);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::printf("%.6f %ld %d\n",
              seconds.count(),
              usage.ru_maxrss,
              WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 0;
}

#include "util/process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/fd.hpp"
#include "util/file_system.hpp"

namespace util {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxOutput = std::size_t{16} << 20U;

struct Pipe {
  Fd read;
  Fd write;
};

Result<Pipe, std::string> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return unexpected(file_error(errno).message);
  }
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

class SpawnActions {
 public:
  SpawnActions() { ::posix_spawn_file_actions_init(&actions_); }

  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }

  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

Result<pid_t, std::string> spawn(const std::vector<std::string>& argv,
                                 const Pipe& out,
                                 const Pipe& err) {
  SpawnActions actions;
  ::posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(actions.get(), out.write.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(actions.get(), err.write.get(), STDERR_FILENO);
  std::vector<char*> words;
  for (const std::string& word : argv) {
    words.push_back(const_cast<char*>(word.c_str()));  // NOLINT: the interface is older than const
  }
  words.push_back(nullptr);
  pid_t pid = 0;
  const int failure = ::posix_spawnp(&pid, words[0], actions.get(), nullptr, words.data(), environ);
  if (failure != 0) {
    return unexpected("cannot run " + argv[0] + ": " + file_error(failure).message);
  }
  return pid;
}

// Appends what is ready; false at the end of the stream.
bool drain(const Fd& fd, std::string& into) {
  std::array<char, 16'384> buffer{};
  const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
  if (count > 0) {
    into.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return count > 0 || (count < 0 && errno == EINTR);
}

// Empty when both streams ended; else why reading stopped.
std::string collect(Pipe& out, Pipe& err, ProcessResult& result, SteadyClock::time_point deadline) {
  while (out.read || err.read) {
    std::array<pollfd, 2> waiting{{{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}}};
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
    if (left <= 0) {
      return "did not finish in time";
    }
    const int ready =
        ::poll(waiting.data(), waiting.size(), static_cast<int>(std::min<long long>(left, 60'000)));
    if (ready < 0 && errno != EINTR) {
      return file_error(errno).message;
    }
    if (ready <= 0) {
      continue;
    }
    if (waiting[0].revents != 0 && !drain(out.read, result.out)) {
      out.read.reset();
    }
    if (waiting[1].revents != 0 && !drain(err.read, result.err)) {
      err.read.reset();
    }
    if (result.out.size() + result.err.size() > kMaxOutput) {
      return "wrote too much";
    }
  }
  return {};
}

int wait_for_exit(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Result<ProcessResult, std::string> run_process(const std::vector<std::string>& argv,
                                               std::chrono::milliseconds timeout) {
  if (argv.empty() || argv[0].empty()) {
    return unexpected(std::string("there is no command to run"));
  }
  auto out = make_pipe();
  auto err = make_pipe();
  if (!out || !err) {
    return unexpected(out ? err.error() : out.error());
  }
  const auto pid = spawn(argv, *out, *err);
  if (!pid) {
    return unexpected(pid.error());
  }
  out->write.reset();
  err->write.reset();
  ProcessResult result;
  const std::string problem = collect(*out, *err, result, SteadyClock::now() + timeout);
  if (!problem.empty()) {
    ::kill(*pid, SIGKILL);
  }
  result.exit_code = wait_for_exit(*pid);
  if (!problem.empty()) {
    return unexpected(argv[0] + " " + problem);
  }
  return result;
}

Result<std::vector<std::string>, std::string> split_command(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool escapes = c == '\\' && quote != '\'';
    if (escapes && i + 1 == line.size()) {
      return unexpected(std::string("it ends with a backslash"));
    }
    if (escapes && (quote == 0 || line[i + 1] == '"' || line[i + 1] == '\\')) {
      word += line[++i];
      in_word = true;
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      in_word = true;
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
      if (in_word) {
        words.push_back(std::move(word));
      }
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) {
    return unexpected(std::string("a quote is not closed"));
  }
  if (in_word) {
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace util

#include <chrono>
#include <fstream>
#include <thread>

#include <sys/stat.h>

#include "cli/commands/local.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "local/daemon/files.hpp"

namespace cli {
namespace {

constexpr std::chrono::milliseconds kLook{100};

// The last `count` lines of `text`; all of it when there are fewer.
std::string_view last_lines(std::string_view text, std::int64_t count) {
  std::size_t at = text.size();
  for (std::int64_t lines = 0; at > 0; --at) {
    if (text[at - 1] == '\n' && at != text.size() && ++lines >= count) {
      break;
    }
  }
  return count == 0 ? std::string_view() : text.substr(at);
}

struct LogPosition {
  ino_t file = 0;
  std::uint64_t offset = 0;
};

// What was written behind `place`; from the beginning when the log was rotated meanwhile.
std::string read_more(const std::string& path, LogPosition& place) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return {};
  }
  if (info.st_ino != place.file || static_cast<std::uint64_t>(info.st_size) < place.offset) {
    place = {info.st_ino, 0};
  }
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(place.offset));
  std::string text(std::istreambuf_iterator<char>(file), {});
  place.offset += text.size();
  return text;
}

ExitCode show_engine_log(Session& session, const Options& options) {
  const auto state = engine_state(session);
  if (!state) {
    return session.fail(state.error());
  }
  const std::string path = state->options.paths.log();
  LogPosition place;
  const std::string before = read_more(path, place);
  if (place.file == 0 && !options.is_set("follow")) {
    return session.fail("there is no log: the local engine has not run yet",
                        "docker ecs local start");
  }
  const auto tail = options.number("tail");
  session.print(tail && *tail >= 0 ? last_lines(before, *tail) : std::string_view(before));
  while (options.is_set("follow") && !session.stop().stop_requested()) {
    const std::string more = read_more(path, place);
    if (more.empty()) {
      std::this_thread::sleep_for(kLook);
    } else {
      session.print(more);
    }
  }
  return ExitCode::ok;
}

}  // namespace

Command local_logs_command() {
  return {
      .name = "logs",
      .tier = Tier::daemon,
      .summary = "Show the local engine's own log",
      .details = "The output of services is shown by \"docker ecs compose logs\".",
      .examples = "docker ecs local logs --follow --tail 20",
      .flags = {{.name = "follow",
                 .shorthands = "f",
                 .help = "Go on with what is written from now on"},
                {.name = "tail",
                 .shorthands = "n",
                 .kind = FlagKind::number,
                 .help = "Show this many lines from the end"}},
      .run = show_engine_log,
  };
}

}  // namespace cli

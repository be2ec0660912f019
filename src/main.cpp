// The composition root: the only place that names the real clock, file system and streams.
#include <array>
#include <climits>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <signal.h>
#include <unistd.h>

#include "cli/application.hpp"
#include "cli/open_service.hpp"
#include "cli/terminal.hpp"
#include "cli/version.hpp"
#include "util/clock.hpp"
#include "util/environment.hpp"
#include "util/file_system.hpp"

namespace {

class SystemClock final : public util::Clock {
 public:
  [[nodiscard]] TimePoint now() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
  }
};

std::string current_directory() {
  std::array<char, PATH_MAX> buffer{};
  return ::getcwd(buffer.data(), buffer.size()) != nullptr ? buffer.data() : "/";
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const util::Environment environment = util::Environment::of_process();
  cli::DescriptorOutput out(STDOUT_FILENO, environment);
  if (!words.empty() && words.front() == "docker-cli-plugin-metadata") {
    out.write(cli::plugin_metadata());
    return 0;
  }
  ::signal(SIGPIPE, SIG_IGN);
  cli::DescriptorOutput err(STDERR_FILENO, environment);
  cli::DescriptorInput in(STDIN_FILENO);
  const util::RealFileSystem files(std::uint64_t{48} << 20U);  // no file that we read is longer
  const SystemClock clock;
  cli::ExitCode code = cli::run(
      {out, err, in, environment, files, clock, current_directory(), cli::open_service}, words);
  if (out.failure() != 0 && code == cli::ExitCode::ok) {
    err.write("error: cannot write to standard output: " + util::file_error(out.failure()).message +
              "\n");
    code = cli::ExitCode::failure;
  }
  return static_cast<int>(code);
}

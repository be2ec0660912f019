// loading_probe FILE [RUNS]: loads, converts and serialises a project RUNS times in one process,
// after one run to warm up, and prints the medians: "load convert serialise" in microseconds, and
// the process's peak of memory after loading once in KiB.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "cloudformation/template.hpp"
#include "compose/load.hpp"
#include "convert/convert.hpp"
#include "diag/diagnostic.hpp"
#include "diag/source_map.hpp"
#include "doc/yaml_writer.hpp"
#include "util/file_system.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct Samples {
  std::vector<double> micros;

  template <class Work>
  auto time(Work work) {
    const Clock::time_point start = Clock::now();
    auto result = work();
    micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    return result;
  }

  [[nodiscard]] double median() {
    std::sort(micros.begin(), micros.end());
    return micros[micros.size() / 2];
  }
};

long peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) {
      return std::strtol(line.c_str() + 6, nullptr, 10);
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path file = std::filesystem::absolute(argc > 1 ? argv[1] : "compose.yaml");
  const int runs = argc > 2 ? std::atoi(argv[2]) : 5;
  compose::LoadRequest request;
  request.current_dir = file.parent_path().string();
  request.files = {file.string()};
  request.environment = {{"HOME", "/home/u"}, {"PATH", "/bin"}};
  request.drop_unused_resources = true;
  const util::RealFileSystem files;
  Samples load;
  Samples convert;
  Samples serialise;
  long loaded_kib = 0;
  for (int i = 0; i <= runs; ++i) {
    diag::SourceMap sources;
    diag::Bag problems;
    const auto project =
        load.time([&] { return compose::load(request, files, sources, problems); });
    if (!project) {
      std::printf("%s\n", problems.all().front().message.c_str());
      return 1;
    }
    loaded_kib = i == 0 ? peak_kib() : loaded_kib;
    auto made = convert.time([&] { return convert::convert(*project, problems); });
    if (!made) {
      return 1;
    }
    serialise.time([&] { return doc::to_yaml(cloudformation::to_node(std::move(*made))); });
    if (i == 0) {
      load.micros.clear();
      convert.micros.clear();
      serialise.micros.clear();
    }
  }
  std::printf(
      "%.1f %.1f %.1f %ld\n", load.median(), convert.median(), serialise.median(), loaded_kib);
  return 0;
}

// libFuzzer target: the whole loader on one file, with an environment file made from the bytes
// behind the first NUL. Built with clang: cmake --preset tidy
// -DSANITIZE="address;undefined;fuzzer"; see tests/fuzz/CMakeLists.txt.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "compose/load.hpp"
#include "diag/diagnostic.hpp"
#include "diag/render.hpp"
#include "diag/source_map.hpp"
#include "support/memory_file_system.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = input.find('\0');
  test::MemoryFileSystem files;
  files.put("/p/compose.yaml", std::string(input.substr(0, cut)));
  if (cut != std::string_view::npos) {
    files.put("/p/.env", std::string(input.substr(cut + 1)));
    files.put("/p/sub/compose.yaml", std::string(input.substr(cut + 1)));
  }
  compose::LoadRequest request;
  request.current_dir = "/p";
  request.environment = {{"HOME", "/home/u"}, {"A", "1"}};
  diag::SourceMap sources;
  diag::Bag problems;
  if (!compose::load(request, files, sources, problems) && !problems.has_errors()) {
    __builtin_trap();
  }
  diag::render_text(problems.all(), sources, diag::Colour::never);
  return 0;
}

// libFuzzer target: the grammars of .env and of `format: raw`.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "compose/dotenv.hpp"

namespace {

// Names have no blanks around them and no line end; a text that was read sets nothing else.
void check_names(const compose::Environment& variables) {
  for (const auto& [name, value] : variables) {
    if (name.find('\n') != std::string::npos || name.find('=') != std::string::npos) {
      __builtin_trap();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const compose::DotenvSource source{
      .lookup =
          [](std::string_view name) {
            return name == "HOME" ? std::optional<std::string>("/home/u") : std::nullopt;
          },
      .unset = [](std::string_view) {}};
  compose::Environment variables{{"BEFORE", "1"}};
  if (compose::read_dotenv(text, source, variables)) {
    check_names(variables);
  }
  compose::Environment raw;
  compose::read_raw_env(text, source, raw);
  check_names(raw);
  return 0;
}

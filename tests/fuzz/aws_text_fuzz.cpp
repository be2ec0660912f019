// libFuzzer: AWS's configuration files, the models' patterns, timestamps and command lines. The
// first byte chooses.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aws/ini.hpp"
#include "util/pattern.hpp"
#include "awsapi/time_text.hpp"
#include "awsapi/xml_text.hpp"
#include "util/uri.hpp"

namespace {

void fuzz_pattern(std::string_view text) {
  const std::size_t line = text.find('\n');
  const auto pattern = util::Pattern::compile(text.substr(0, line));
  if (pattern && line != std::string_view::npos) {
    static_cast<void>(pattern->matches(text.substr(line + 1)));
  }
}

void fuzz_instant(std::string_view text) {
  const auto millis = awsapi::parse_instant(text);
  // What we write, we read.
  if (millis && awsapi::parse_instant(awsapi::to_iso8601(*millis)) != *millis && *millis >= 0 &&
      *millis < 253'402'300'800'000) {
    __builtin_trap();
  }
}

void fuzz_uri(std::string_view text) {
  if (util::uri_decode(util::uri_encode(text)) != text) {
    __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1,
                              size - 1);  // NOLINT: bytes are bytes
  switch (data[0] % 5) {
    case 0: static_cast<void>(aws::parse_ini(text)); break;
    case 1: fuzz_pattern(text); break;
    case 2: fuzz_instant(text); break;
    case 3: static_cast<void>(awsapi::xml_text(text)); break;
    default: fuzz_uri(text); break;
  }
  return 0;
}

#include "local/scheduler/pause_image.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

#include "local/scheduler/tar.hpp"

namespace local::ecs {
namespace {

constexpr std::uint64_t kBase = 0x400000;
constexpr std::size_t kHeaderSize = 64;
constexpr std::size_t kProgramHeaderSize = 56;

void put_le(std::string& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    out += static_cast<char>(value & 255U);
    value >>= 8U;
  }
}

#if defined(__aarch64__)
constexpr std::uint16_t kMachine = 183;

std::string code() {
  std::string out;
  for (const std::uint32_t word : {0xD2800000U,
                                   0xD2800001U,
                                   0xD2800002U,
                                   0xD2800003U,     // x0..x3 = 0
                                   0xD2800928U,     // x8 = ppoll
                                   0xD4000001U,     // svc #0
                                   0x17FFFFFAU}) {  // again
    put_le(out, word, 4);
  }
  return out;
}
#else
constexpr std::uint16_t kMachine = 62;

std::string code() {
  constexpr std::array<std::uint8_t, 9> kCode{0xB8,
                                              34,
                                              0,
                                              0,
                                              0,  // mov eax, pause
                                              0x0F,
                                              0x05,  // syscall
                                              0xEB,
                                              0xF7};  // again
  return {kCode.begin(), kCode.end()};
}
#endif

}  // namespace

std::string pause_program() {
  const std::string instructions = code();
  const std::size_t size = kHeaderSize + kProgramHeaderSize + instructions.size();
  std::string out(
      "\x7f"
      "ELF"
      "\x02\x01\x01",
      7);
  out.resize(16, '\0');
  put_le(out, 2, 2);  // ET_EXEC
  put_le(out, kMachine, 2);
  put_le(out, 1, 4);
  put_le(out, kBase + kHeaderSize + kProgramHeaderSize, 8);  // entry
  put_le(out, kHeaderSize, 8);                               // program headers
  put_le(out, 0, 8);                                         // no section headers
  put_le(out, 0, 4);
  put_le(out, kHeaderSize, 2);
  put_le(out, kProgramHeaderSize, 2);
  put_le(out, 1, 2);
  put_le(out, 0, 6);
  put_le(out, 1, 4);  // PT_LOAD
  put_le(out, 5, 4);  // readable, executable
  put_le(out, 0, 8);
  put_le(out, kBase, 8);
  put_le(out, kBase, 8);
  put_le(out, size, 8);
  put_le(out, size, 8);
  put_le(out, 0x1000, 8);
  return out + instructions;
}

std::string pause_archive() {
  return tar_archive({{.name = "pause", .mode = 0755, .content = pause_program()}});
}

}  // namespace local::ecs

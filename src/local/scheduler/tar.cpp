#include "local/scheduler/tar.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <string_view>

namespace local::ecs {
namespace {

constexpr std::size_t kTarBlock = 512;
constexpr std::size_t kNameWidth = 100;
constexpr std::uint64_t kLargestOctalId = 07777777;  // what seven octal digits hold

void put_octal(std::string& block, std::size_t at, std::size_t width, std::uint64_t value) {
  std::array<char, 24> text{};
  std::snprintf(text.data(),
                text.size(),
                "%0*llo",
                static_cast<int>(width - 1),
                static_cast<unsigned long long>(value));
  std::copy_n(text.data(), width - 1, block.begin() + static_cast<std::ptrdiff_t>(at));
}

// Larger ids are written in base 256, as GNU tar does.
void put_id(std::string& block, std::size_t at, std::uint64_t value) {
  if (value <= kLargestOctalId) {
    put_octal(block, at, 8, value);
    return;
  }
  for (std::size_t i = 0; i < 8; ++i) {
    block[at + 7 - i] = static_cast<char>(value >> (8U * i) & 255U);
  }
  block[at] = static_cast<char>(0x80);
}

void put_text(std::string& block, std::size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(), block.begin() + static_cast<std::ptrdiff_t>(at));
}

std::string header_of(const TarEntry& entry) {
  std::string header(kTarBlock, '\0');
  put_text(header, 0, std::string_view(entry.name).substr(0, kNameWidth));
  put_octal(header, 100, 8, entry.mode);
  put_id(header, 108, entry.uid);
  put_id(header, 116, entry.gid);
  put_octal(header, 124, 12, entry.content.size());
  put_octal(header, 136, 12, 0);
  put_text(header, 148, "        ");
  header[156] = entry.name.ends_with('/') ? '5' : '0';
  put_text(header, 257, "ustar");
  put_text(header, 263, "00");
  std::uint64_t sum = 0;
  for (const char c : header) {
    sum += static_cast<unsigned char>(c);
  }
  put_octal(header, 148, 7, sum);
  header[154] = '\0';
  header[155] = ' ';
  return header;
}

}  // namespace

std::string tar_archive(const std::vector<TarEntry>& entries) {
  std::string out;
  for (const TarEntry& entry : entries) {
    out += header_of(entry) + entry.content;
    out.resize((out.size() + kTarBlock - 1) / kTarBlock * kTarBlock, '\0');
  }
  out.append(2 * kTarBlock, '\0');
  return out;
}

}  // namespace local::ecs

#include <array>

#include "cloudformation/evaluate.hpp"
#include "util/strings.hpp"

namespace cloudformation {
namespace {

struct CidrBlock {
  std::uint32_t address = 0;
  std::int64_t prefix = 0;
};

std::optional<CidrBlock> parse_block(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto prefix = util::parse_int(text.substr(slash + 1));
  const std::vector<std::string> octets = util::split(text.substr(0, slash), '.');
  if (!prefix || *prefix < 0 || *prefix > 32 || octets.size() != 4) {
    return std::nullopt;
  }
  CidrBlock out{0, *prefix};
  for (const std::string& octet : octets) {
    const auto value = util::parse_int(octet);
    if (!value || *value < 0 || *value > 255) {
      return std::nullopt;
    }
    out.address = (out.address << 8U) | static_cast<std::uint32_t>(*value);
  }
  return out;
}

std::string dotted(std::uint32_t address) {
  std::string out;
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    out += std::to_string((address >> (shift - 8)) & 0xffU) + (shift > 8 ? "." : "");
  }
  return out;
}

}  // namespace

Evaluated<std::vector<std::string>> split_cidr(std::string_view block,
                                               std::int64_t count,
                                               std::int64_t bits) {
  const auto parsed = parse_block(block);
  if (!parsed || count < 1 || count > 256 || bits < 0 || bits > 31) {
    return util::unexpected("Template error: Fn::Cidr cannot split " + std::string(block) +
                            " into the given number of blocks");
  }
  const std::uint64_t size = std::uint64_t{1} << static_cast<unsigned>(bits);
  const std::uint64_t available = std::uint64_t{1} << static_cast<unsigned>(32 - parsed->prefix);
  if (size * static_cast<std::uint64_t>(count) > available) {
    return util::unexpected("Template error: Fn::Cidr: " + std::string(block) +
                            " has no room for " + std::to_string(count) + " blocks");
  }
  const auto base = static_cast<std::uint32_t>(parsed->address & ~(available - 1));
  std::vector<std::string> out;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto offset = static_cast<std::uint32_t>(size * static_cast<std::uint64_t>(i));
    out.push_back(dotted(base + offset) + "/" + std::to_string(32 - bits));
  }
  return out;
}

}  // namespace cloudformation

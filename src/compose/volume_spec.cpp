#include "compose/volume_spec.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "util/file_path.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

struct VolumeSpec {
  std::string type;
  std::string source;
  std::string target;
  bool read_only = false;
  bool has_bind = false;
  std::string selinux;
  std::string propagation;
  bool has_volume = false;
  bool no_copy = false;
};

std::size_t rune_size(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xC0) {
    return 1;
  }
  return byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// One letter, of any script, alone in front of a colon: a Windows drive.
bool is_one_letter(std::string_view text) {
  if (text.empty() || text.size() != rune_size(text.front())) {
    return false;
  }
  const char c = text.front();
  return text.size() > 1 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_file_path(std::string_view source) {
  if (source.empty()) {
    return false;
  }
  if (source[0] == '.' || source[0] == '/' || source[0] == '~' || source.starts_with("\\\\")) {
    return true;
  }
  const std::size_t first = rune_size(source.front());
  return source.size() > first && source[first] == ':' && is_one_letter(source.substr(0, first));
}

void apply_option(VolumeSpec& volume, std::string_view option) {
  static constexpr std::array<std::string_view, 6> kPropagations{
      "rprivate", "private", "rshared", "shared", "rslave", "slave"};
  if (option == "ro" || option == "rw") {
    volume.read_only = option == "ro";
  } else if (option == "nocopy") {
    volume.has_volume = true;
    volume.no_copy = true;
  } else if (option == "z" || option == "Z") {
    volume.has_bind = true;
    volume.selinux = option;
  } else if (std::find(kPropagations.begin(), kPropagations.end(), option) != kPropagations.end()) {
    volume.has_bind = true;
    volume.propagation = option;
  }
}

// What is wrong with the field, or nothing.
std::optional<std::string_view> take_field(VolumeSpec& volume, std::string_view field, bool last) {
  if (field.empty()) {
    return "empty section between colons";
  }
  if (volume.source.empty()) {
    (last ? volume.target : volume.source) = field;
  } else if (volume.target.empty()) {
    volume.target = field;
  } else if (!last) {
    return "too many colons";
  } else {
    for (const std::string& option : util::split(field, ',')) {
      apply_option(volume, option);
    }
  }
  return std::nullopt;
}

util::Result<VolumeSpec, std::string> read_spec(std::string_view spec) {
  VolumeSpec volume;
  if (spec.empty()) {
    return util::unexpected(std::string("invalid empty volume spec"));
  }
  if (spec.size() <= 2) {
    volume.type = "volume";
    volume.target = spec;
    return volume;
  }
  std::size_t start = 0;
  int substitutions = 0;
  for (std::size_t i = 0; i <= spec.size(); ++i) {
    const bool last = i == spec.size();
    const char c = last ? '\0' : spec[i];
    if (c == '$' && i + 1 < spec.size() && spec[i + 1] == '{') {
      ++substitutions;
      continue;
    }
    if (c == '}' && substitutions > 0) {
      --substitutions;
      continue;
    }
    if ((c != ':' && !last) || substitutions > 0) {
      continue;
    }
    const std::string_view field = spec.substr(start, i - start);
    if (!last && is_one_letter(field)) {
      continue;
    }
    if (const std::optional<std::string_view> problem = take_field(volume, field, last)) {
      return util::unexpected("invalid spec: " + std::string(spec) + ": " + std::string(*problem));
    }
    start = i + 1;
  }
  const bool bind = is_file_path(volume.source);
  volume.type = bind ? "bind" : "volume";
  volume.has_bind = volume.has_bind || bind;
  volume.has_volume = volume.has_volume || !bind;
  return volume;
}

}  // namespace

std::string clean_target(std::string_view target) {
  return target.empty() ? std::string() : util::clean_path(target);
}

util::Result<std::string, std::string> volume_target(std::string_view spec) {
  util::Result<VolumeSpec, std::string> volume = read_spec(spec);
  if (!volume) {
    return util::unexpected(std::move(volume.error()));
  }
  return std::move(volume->target);
}

util::Result<doc::Node, std::string> parse_volume(std::string_view spec) {
  const util::Result<VolumeSpec, std::string> volume = read_spec(spec);
  if (!volume) {
    return util::unexpected(volume.error());
  }
  doc::Mapping out;
  const auto text = [](doc::Mapping& to, std::string_view key, const std::string& value) {
    if (!value.empty()) {
      to.entries.push_back({{std::string(key), {}}, doc::Node{value}});
    }
  };
  text(out, "type", volume->type);
  text(out, "source", volume->source);
  text(out, "target", clean_target(volume->target));
  if (volume->read_only) {
    out.set("read_only", doc::Node{true});
  }
  if (volume->has_bind) {
    doc::Mapping bind;
    text(bind, "selinux", volume->selinux);
    text(bind, "propagation", volume->propagation);
    if (volume->type == "bind") {
      bind.set("create_host_path", doc::Node{true});
    }
    out.set("bind", doc::Node{std::move(bind)});
  }
  if (volume->has_volume) {
    doc::Mapping named;
    if (volume->no_copy) {
      named.set("nocopy", doc::Node{true});
    }
    out.set("volume", doc::Node{std::move(named)});
  }
  return doc::Node{std::move(out)};
}

}  // namespace compose

#include "cli/setup/aws_files.hpp"

#include <algorithm>

#include "util/strings.hpp"

namespace cli {
namespace {

// "~/x" as AWS's tools read it.
std::string expand_home(const std::string& path, std::string_view home) {
  return path.starts_with("~/") ? std::string(home) + path.substr(1) : path;
}

// The profile whose section this line opens; "" for another kind of section; nothing when it opens
// none.
std::optional<std::string> opened_profile(std::string_view line, AwsFileKind kind) {
  line = util::trim(line);
  if (!line.starts_with('[')) {
    return std::nullopt;
  }
  std::string_view name = util::trim(line.substr(1, line.find(']') - 1));
  if (kind == AwsFileKind::credentials || name == "default") {
    return std::string(name);
  }
  constexpr std::string_view kPrefix = "profile";
  if (!name.starts_with(kPrefix) || name.size() == kPrefix.size() ||
      (name[kPrefix.size()] != ' ' && name[kPrefix.size()] != '\t')) {
    return std::string();
  }
  name = util::trim(name.substr(kPrefix.size()));
  if (name.size() >= 2 && (name.front() == '"' || name.front() == '\'') &&
      name.back() == name.front()) {
    name = name.substr(1, name.size() - 2);
  }
  return std::string(name);
}

// The key a line sets. Indented lines belong to a nested section and set none.
std::string_view key_of(std::string_view line) {
  if (line.empty() || line.front() == ' ' || line.front() == '\t' || line.front() == '#' ||
      line.front() == ';' || line.find('=') == std::string_view::npos) {
    return {};
  }
  return util::trim(line.substr(0, line.find('=')));
}

std::string section_header(AwsFileKind kind, std::string_view profile) {
  const bool prefixed = kind == AwsFileKind::config && profile != "default";
  return "[" + std::string(prefixed ? "profile " : "") + std::string(profile) + "]";
}

bool is_blank(std::string_view line) {
  return util::trim(line).empty();
}

}  // namespace

AwsFilePaths aws_file_paths(const util::Environment& environment, std::string_view home) {
  const auto path = [&](std::string_view variable, std::string_view fallback) {
    const auto named = environment.non_empty(variable);
    return named ? expand_home(*named, home) : std::string(home) + std::string(fallback);
  };
  return {path("AWS_CONFIG_FILE", "/.aws/config"),
          path("AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials")};
}

std::vector<std::string> profile_names(std::string_view text, AwsFileKind kind) {
  std::vector<std::string> names;
  for (const std::string& line : util::split(text, '\n')) {
    const auto name = opened_profile(line, kind);
    if (name && !name->empty() && std::find(names.begin(), names.end(), *name) == names.end()) {
      names.push_back(*name);
    }
  }
  return names;
}

std::optional<std::string> profile_value(std::string_view text,
                                         AwsFileKind kind,
                                         std::string_view profile,
                                         std::string_view key) {
  bool inside = false;
  std::optional<std::string> value;
  for (const std::string& line : util::split(text, '\n')) {
    if (const auto name = opened_profile(line, kind)) {
      inside = *name == profile;
    } else if (inside && key_of(line) == key) {
      value = util::trim(std::string_view(line).substr(line.find('=') + 1));
    }
  }
  return value;
}

std::string with_profile_value(std::string_view text,
                               AwsFileKind kind,
                               std::string_view profile,
                               std::string_view key,
                               std::string_view value) {
  std::vector<std::string> lines = util::split(text, '\n');
  if (!lines.empty() && lines.back().empty()) {
    lines.pop_back();
  }
  const std::string setting = std::string(key) + " = " + std::string(value);
  bool inside = false;
  std::optional<std::size_t> section_end;  // after the last line of the section that is not blank
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (const auto name = opened_profile(lines[i], kind)) {
      inside = *name == profile;
    } else if (inside && key_of(lines[i]) == key) {
      lines[i] = setting;
      return util::join(lines, "\n") + "\n";
    }
    if (inside && !is_blank(lines[i])) {
      section_end = i + 1;
    }
  }
  if (section_end) {
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(*section_end), setting);
  } else {
    if (!lines.empty() && !is_blank(lines.back())) {
      lines.emplace_back();
    }
    lines.push_back(section_header(kind, profile));
    lines.push_back(setting);
  }
  return util::join(lines, "\n") + "\n";
}

bool is_profile_name(std::string_view name) {
  return !name.empty() && util::trim(name) == name &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return static_cast<unsigned char>(c) > 0x20 && c != '[' && c != ']' && c != '"' &&
                  c != '\'' && c != '#' && c != ';' && c != '\x7f';
         });
}

}  // namespace cli

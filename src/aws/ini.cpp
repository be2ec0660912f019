#include "aws/ini.hpp"

#include <algorithm>
#include <optional>

#include "util/strings.hpp"

namespace aws {
namespace {

struct KeyValue {
  std::string key;
  std::string value;
};

std::optional<KeyValue> split_pair(std::string_view line) {
  const std::size_t at = line.find_first_of("=:");
  if (at == std::string_view::npos || util::trim(line.substr(0, at)).empty()) {
    return std::nullopt;
  }
  return KeyValue{util::to_lower(util::trim(line.substr(0, at))),
                  std::string(util::trim(line.substr(at + 1)))};
}

class IniParser {
 public:
  util::Result<std::vector<IniSection>, IniError> parse(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) {
      text.remove_prefix(3);
    }
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      ++line_;
      if (!take_line(text.substr(0, end))) {
        return util::unexpected(IniError{line_, problem_});
      }
      text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return std::move(sections_);
  }

 private:
  bool take_line(std::string_view line) {
    const std::string_view content = util::trim(line);
    if (content.empty() || content.front() == '#' || content.front() == ';') {
      return true;
    }
    const bool indented = line.front() == ' ' || line.front() == '\t';
    if (indented && value_ != nullptr) {
      return continue_value(content);
    }
    return content.front() == '[' ? open_section(content) : take_pair(content);
  }

  bool open_section(std::string_view content) {
    const std::size_t close = content.rfind(']');
    if (close == std::string_view::npos) {
      return fail("the section's name has no closing bracket");
    }
    const std::string name(util::trim(content.substr(1, close - 1)));
    const auto at = std::find_if(
        sections_.begin(), sections_.end(), [&](const IniSection& s) { return s.name == name; });
    current_ = static_cast<std::size_t>(at - sections_.begin());
    if (at == sections_.end()) {
      sections_.push_back({name, {}});
    }
    value_ = nullptr;
    return true;
  }

  bool take_pair(std::string_view content) {
    auto pair = split_pair(content);
    if (!pair) {
      return fail("expected key = value");
    }
    if (!current_) {
      return fail("a key stands before the first [section]");
    }
    value_ = &sections_[*current_].values[pair->key];
    *value_ = {std::move(pair->value), {}};
    return true;
  }

  bool continue_value(std::string_view content) {
    if (value_->text.empty()) {
      auto pair = split_pair(content);
      if (!pair) {
        return fail("expected key = value in the sub-section");
      }
      value_->nested[pair->key] = std::move(pair->value);
    } else {
      value_->text += "\n" + std::string(content);
    }
    return true;
  }

  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  std::vector<IniSection> sections_;
  std::optional<std::size_t> current_;
  IniValue* value_ = nullptr;  // what an indented line continues
  std::size_t line_ = 0;
  std::string problem_;
};

}  // namespace

util::Result<std::vector<IniSection>, IniError> parse_ini(std::string_view text) {
  return IniParser().parse(text);
}

}  // namespace aws

#include "convert/settings.hpp"

#include <algorithm>

#include "compose/units.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

std::optional<std::int64_t> whole_number(const doc::Node& value) {
  if (const std::int64_t* number = value.as_int()) {
    return *number;
  }
  const std::string* text = value.as_string();
  return text == nullptr ? std::nullopt : util::parse_int(*text);
}

std::optional<std::string> scalar_text(const doc::Node& value) {
  if (const std::string* text = value.as_string(); text != nullptr && !text->empty()) {
    return *text;
  }
  if (const std::int64_t* number = value.as_int()) {
    return std::to_string(*number);
  }
  return std::nullopt;
}

std::optional<bool> truth(const doc::Node& value) {
  if (const bool* flag = value.as_bool()) {
    return *flag;
  }
  const std::string* text = value.as_string();
  if (text != nullptr && util::iequals(*text, "true")) {
    return true;
  }
  if (text != nullptr && util::iequals(*text, "false")) {
    return false;
  }
  return std::nullopt;
}

std::optional<std::int64_t> whole_seconds(const doc::Node& value) {
  if (const auto number = whole_number(value)) {
    return number;
  }
  const std::string* text = value.as_string();
  const auto nanoseconds =
      text == nullptr ? compose::parse_duration("") : compose::parse_duration(*text);
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return nanoseconds && text != nullptr
             ? std::optional((*nanoseconds + kNanoseconds - 1) / kNanoseconds)
             : std::nullopt;
}

}  // namespace

Settings::Settings(Builder& builder, const doc::Node& node, std::string path)
    : builder_(builder), mapping_(node.as_mapping()), span_(node.span), path_(std::move(path)) {
  if (mapping_ == nullptr && !node.is_null()) {
    builder_.error("convert.bad-extension", node.span, "`" + path_ + "` must be a mapping");
  }
}

const doc::Node* Settings::find(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
    asked_.emplace_back(key);
  }
  const doc::Node* value = mapping_ == nullptr ? nullptr : mapping_->find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<compose::Text> Settings::text(std::string_view key) {
  const doc::Node* value = find(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  auto text = scalar_text(*value);
  if (!text) {
    report(*value, key, "a string");
    return std::nullopt;
  }
  return compose::Text{std::move(*text), value->span};
}

std::optional<compose::Number> Settings::number(std::string_view key) {
  const doc::Node* value = find(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto number = whole_number(*value);
  if (!number) {
    report(*value, key, "a whole number");
    return std::nullopt;
  }
  return compose::Number{*number, value->span};
}

std::optional<compose::Number> Settings::number(std::string_view key,
                                                std::int64_t least,
                                                std::int64_t most) {
  auto number = this->number(key);
  return number && in_range(*mapping_->find(key), key, number->value, least, most) ? number
                                                                                   : std::nullopt;
}

std::optional<compose::Flag> Settings::flag(std::string_view key) {
  const doc::Node* value = find(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto flag = truth(*value);
  if (!flag) {
    report(*value, key, "true or false");
    return std::nullopt;
  }
  return compose::Flag{*flag, value->span};
}

compose::TextList Settings::texts(std::string_view key) {
  compose::TextList out;
  const doc::Node* value = find(key);
  if (value == nullptr) {
    return out;
  }
  const auto take = [&](const doc::Node& item) {
    if (auto text = scalar_text(item)) {
      out.push_back({std::move(*text), item.span});
    } else {
      report(item, key, "a string or a list of strings");
    }
  };
  if (const doc::Sequence* list = value->as_sequence()) {
    std::for_each(list->items.begin(), list->items.end(), take);
  } else {
    take(*value);
  }
  return out;
}

std::optional<compose::Number> Settings::seconds(std::string_view key,
                                                 std::int64_t least,
                                                 std::int64_t most) {
  const doc::Node* value = find(key);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto seconds = whole_seconds(*value);
  if (!seconds) {
    report(*value, key, "a time like `90s` or `1h`");
    return std::nullopt;
  }
  return in_range(*value, key, *seconds, least, most)
             ? std::optional(compose::Number{*seconds, value->span})
             : std::nullopt;
}

std::optional<compose::Text> Settings::word(std::string_view key,
                                            const std::vector<std::string>& words) {
  auto word = text(key);
  if (!word || std::find(words.begin(), words.end(), word->value) != words.end()) {
    return word;
  }
  const auto guess = util::nearest(word->value, words);
  builder_.error("convert.bad-extension",
                 word->span,
                 "`" + member(key) + "` must be one of " + util::join(words, ", "),
                 guess ? "did you mean `" + *guess + "`?" : std::string());
  return std::nullopt;
}

void Settings::finish() {
  if (mapping_ == nullptr) {
    return;
  }
  for (const doc::Entry& entry : mapping_->entries) {
    if (std::find(asked_.begin(), asked_.end(), entry.key.value) != asked_.end()) {
      continue;
    }
    const auto guess = util::nearest(entry.key.value, asked_);
    builder_.error(
        "convert.unknown-extension",
        entry.key.span,
        "`" + path_ + "` has no member `" + entry.key.value + "`",
        guess ? "did you mean `" + *guess + "`?" : "it knows: " + util::join(asked_, ", "));
  }
}

void Settings::report(const doc::Node& value, std::string_view key, std::string_view must_be) {
  builder_.error(
      "convert.bad-extension", value.span, "`" + member(key) + "` must be " + std::string(must_be));
}

bool Settings::in_range(const doc::Node& value,
                        std::string_view key,
                        std::int64_t number,
                        std::int64_t least,
                        std::int64_t most) {
  if (number >= least && number <= most) {
    return true;
  }
  report(value, key, "between " + std::to_string(least) + " and " + std::to_string(most));
  return false;
}

}  // namespace convert

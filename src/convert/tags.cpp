#include "convert/tags.hpp"

#include <functional>
#include <optional>
#include <utility>

#include "convert/builder.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr std::string_view kTags = "x-aws-tags";
constexpr std::size_t kLongestKey = 128;
constexpr std::size_t kLongestValue = 256;
constexpr std::size_t kMostTags = 40;  // AWS takes 50; ours and CloudFormation's are among them

using Refuse = std::function<void(const diag::Span&, std::string)>;

std::optional<std::string> text_of_value(const doc::Node& value) {
  if (const std::string* text = value.as_string()) {
    return *text;
  }
  if (const std::int64_t* number = value.as_int()) {
    return std::to_string(*number);
  }
  if (const bool* flag = value.as_bool()) {
    return *flag ? "true" : "false";
  }
  return value.is_null() ? std::optional(std::string()) : std::nullopt;
}

void add_tag(std::vector<UserTag>& out,
             const std::string& key,
             const std::optional<std::string>& value,
             const diag::Span& span,
             const Refuse& refuse) {
  if (!value) {
    refuse(span, "the value of tag `" + key + "` must be a string");
  } else if (key.empty() || key.size() > kLongestKey || value->size() > kLongestValue) {
    refuse(span, "tag `" + key + "` is too long: AWS takes 128 characters, and 256 for the value");
  } else if (util::to_lower(key).starts_with("aws:")) {
    refuse(span, "tag `" + key + "` cannot be set: `aws:` is AWS's own");
  } else {
    out.push_back({key, *value});
  }
}

std::vector<UserTag> read_tags(const compose::Extensions& extensions, const Refuse& refuse) {
  std::vector<UserTag> out;
  const doc::Node* given = extensions.find(kTags);
  if (given == nullptr) {
    return out;
  }
  if (const doc::Mapping* map = given->as_mapping()) {
    for (const doc::Entry& entry : map->entries) {
      add_tag(out, entry.key.value, text_of_value(entry.value), entry.key.span, refuse);
    }
  } else if (const doc::Sequence* list = given->as_sequence()) {
    for (const doc::Node& item : list->items) {
      const std::string text = item.as_string() == nullptr ? std::string() : *item.as_string();
      const std::size_t equals = text.find('=');
      add_tag(out,
              text.substr(0, equals),
              equals == std::string::npos ? std::string() : text.substr(equals + 1),
              item.span,
              refuse);
    }
  } else {
    refuse(given->span, "`x-aws-tags` must be a mapping, or a list of `key=value`");
  }
  if (out.size() > kMostTags) {
    refuse(given->span, "AWS takes at most 50 tags, and some of them are ours");
  }
  return out;
}

}  // namespace

std::vector<UserTag> user_tags(const compose::Extensions& extensions) {
  return read_tags(extensions, [](const diag::Span&, const std::string&) {});
}

void check_tags(Builder& builder, const compose::Extensions& extensions) {
  read_tags(extensions, [&](const diag::Span& span, std::string message) {
    builder.error("convert.bad-extension", span, std::move(message));
  });
}

}  // namespace convert

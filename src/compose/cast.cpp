#include "compose/cast.hpp"

#include "compose/go_text.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

util::Result<doc::Node::Value, std::string> as_value(
    const util::Result<std::int64_t, std::string>& number) {
  return number ? util::Result<doc::Node::Value, std::string>(doc::Node::Value{*number})
                : util::unexpected(number.error());
}

util::Result<doc::Node::Value, std::string> as_value(
    const util::Result<double, std::string>& number) {
  return number ? util::Result<doc::Node::Value, std::string>(doc::Node::Value{*number})
                : util::unexpected(number.error());
}

util::Result<doc::Node::Value, std::string> to_boolean(std::string_view text,
                                                       const diag::Span& span,
                                                       Problems& problems) {
  const std::string lower = util::to_lower(text);
  const bool yes = lower == "true" || lower == "y" || lower == "yes" || lower == "on";
  if (!yes && lower != "false" && lower != "n" && lower != "no" && lower != "off") {
    return util::unexpected("invalid boolean: " + std::string(text));
  }
  const std::string word = yes ? "true" : "false";
  if (lower != word) {
    problems.warning(
        "compose.yaml-1.1-boolean",
        quoted(text) + " for boolean is not supported by YAML 1.2, please use `" + word + "`",
        known(span));
  }
  return doc::Node::Value{yes};
}

}  // namespace

util::Result<doc::Node::Value, std::string> cast_text(std::string_view text,
                                                      Cast cast,
                                                      const diag::Span& span,
                                                      Problems& problems) {
  switch (cast) {
    case Cast::none: break;
    case Cast::integer: return as_value(read_int(text));
    case Cast::integer64: return as_value(read_int(text, "ParseInt"));
    case Cast::number: return as_value(read_float(text));
    case Cast::number32: return as_value(read_float(text, true));
    case Cast::boolean: return to_boolean(text, span, problems);
  }
  return doc::Node::Value{std::string(text)};
}

}  // namespace compose

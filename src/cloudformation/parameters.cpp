#include "cloudformation/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <regex>
#include <utility>

#include "util/strings.hpp"

namespace cloudformation {
namespace {

using util::unexpected;

constexpr std::string_view kStorePrefix = "AWS::SSM::Parameter::Value<";

bool is_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

std::optional<double> number(const doc::Node* node) {
  const auto text = node != nullptr ? scalar_text(*node) : std::nullopt;
  double value = 0;
  if (!text ||
      std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc{}) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::string> text_of(const Parameter& p, std::string_view key) {
  const doc::Node* node = p.body.find(key);
  return node != nullptr ? scalar_text(*node) : std::nullopt;
}

bool is_list_type(std::string_view type) {
  return type.starts_with("List<") || type == "CommaDelimitedList";
}

bool is_known_type(std::string_view type) {
  if (type.starts_with(kStorePrefix)) {
    type = type.substr(kStorePrefix.size(), type.size() - kStorePrefix.size() - 1);
  }
  if (type.starts_with("List<") && type.ends_with(">")) {
    type = type.substr(5, type.size() - 6);
  }
  return type == "String" || type == "Number" || type == "CommaDelimitedList" ||
         type == "AWS::SSM::Parameter::Name" || type.starts_with("AWS::EC2::") ||
         type.starts_with("AWS::Route53::");
}

// "Parameter 'X' must …", or the author's own ConstraintDescription.
std::string violation(const Parameter& p, std::string_view standard) {
  if (const auto own = text_of(p, "ConstraintDescription")) {
    return "Parameter " + p.name + " failed to satisfy constraint: " + *own;
  }
  return std::string(standard);
}

Evaluated<void> check_allowed(const Parameter& p, const std::vector<std::string>& parts) {
  const doc::Node* allowed = p.body.find("AllowedValues");
  const doc::Sequence* list = allowed != nullptr ? allowed->as_sequence() : nullptr;
  if (list == nullptr) {
    return {};
  }
  std::vector<std::string> texts;
  for (const doc::Node& item : list->items) {
    texts.push_back(scalar_text(item).value_or(""));
  }
  for (const std::string& part : parts) {
    if (std::find(texts.begin(), texts.end(), part) == texts.end()) {
      return unexpected(violation(p, "Parameter '" + p.name + "' must be one of AllowedValues"));
    }
  }
  return {};
}

Evaluated<void> check_pattern(const Parameter& p, const std::string& value) {
  const auto pattern = text_of(p, "AllowedPattern");
  if (!pattern || value.size() > 4096) {
    return {};
  }
  try {
    if (std::regex_match(value, std::regex(*pattern))) {
      return {};
    }
  } catch (const std::regex_error&) {
    return unexpected("Template validation error: AllowedPattern of parameter " + p.name +
                      " is not a valid regular expression");
  }
  return unexpected(violation(
      p, "Parameter " + p.name + " failed to satisfy constraint: must match pattern " + *pattern));
}

Evaluated<void> check_value_limits(const Parameter& p, const std::string& value) {
  if (p.type == "Number") {
    if (!is_number(value)) {
      return unexpected("Parameter '" + p.name + "' must be a number.");
    }
    const double n = std::stod(value);
    const auto least = number(p.body.find("MinValue"));
    const auto most = number(p.body.find("MaxValue"));
    if (least && n < *least) {
      return unexpected(violation(
          p,
          "Parameter '" + p.name + "' must be a number not less than " + *text_of(p, "MinValue")));
    }
    if (most && n > *most) {
      return unexpected(violation(p,
                                  "Parameter '" + p.name + "' must be a number not greater than " +
                                      *text_of(p, "MaxValue")));
    }
    return {};
  }
  const auto length = static_cast<double>(value.size());
  const auto least = number(p.body.find("MinLength"));
  const auto most = number(p.body.find("MaxLength"));
  if (least && length < *least) {
    return unexpected(violation(p,
                                "Parameter '" + p.name + "' must contain at least " +
                                    *text_of(p, "MinLength") + " characters"));
  }
  if (most && length > *most) {
    return unexpected(violation(p,
                                "Parameter '" + p.name + "' must contain at most " +
                                    *text_of(p, "MaxLength") + " characters"));
  }
  return {};
}

std::vector<std::string> list_parts(std::string_view value) {
  std::vector<std::string> out;
  for (const std::string& part : util::split(value, ',')) {
    out.emplace_back(util::trim(part));
  }
  return out;
}

Evaluated<void> check_value(const Parameter& p, const ParameterValue& value) {
  if (!is_known_type(p.type)) {
    return unexpected("Template format error: Unrecognized parameter type: " + p.type);
  }
  const std::vector<std::string> parts =
      value.is_list ? list_parts(value.value) : std::vector<std::string>{value.value};
  if (p.type == "List<Number>" && !std::all_of(parts.begin(), parts.end(), is_number)) {
    return unexpected("Parameter '" + p.name + "' must be a list of numbers.");
  }
  if (auto ok = check_allowed(p, parts); !ok) {
    return ok;
  }
  if (auto ok = check_pattern(p, value.value); !ok) {
    return ok;
  }
  return value.is_list ? Evaluated<void>{} : check_value_limits(p, value.value);
}

// What was given for `p`: the request, the deployed stack, the default; nothing when there is none.
std::optional<std::string> given(const Parameter& p,
                                 const std::vector<ParameterInput>& inputs,
                                 const std::vector<ParameterValue>& previous) {
  for (const ParameterInput& input : inputs) {
    if (input.name != p.name) {
      continue;
    }
    if (!input.use_previous) {
      return input.value;
    }
    for (const ParameterValue& old : previous) {
      if (old.name == p.name) {
        return old.value;
      }
    }
  }
  return text_of(p, "Default");
}

Evaluated<void> check_names(const Template& t, const std::vector<ParameterInput>& inputs) {
  std::vector<std::string> unknown;
  for (const ParameterInput& input : inputs) {
    if (std::none_of(t.parameters.begin(), t.parameters.end(), [&](const Parameter& p) {
          return p.name == input.name;
        })) {
      unknown.push_back(input.name);
    }
  }
  if (!unknown.empty()) {
    return unexpected("Parameters: [" + util::join(unknown, ", ") +
                      "] do not exist in the template");
  }
  return {};
}

}  // namespace

doc::Node ParameterValue::node() const {
  const std::string& text = resolved ? *resolved : value;
  if (!is_list) {
    return doc::Node{text};
  }
  doc::Sequence out;
  if (!text.empty()) {
    for (std::string& part : list_parts(text)) {
      out.items.emplace_back(std::move(part));
    }
  }
  return doc::Node{std::move(out)};
}

Evaluated<std::vector<ParameterValue>> resolve_parameters(
    const Template& t,
    const std::vector<ParameterInput>& inputs,
    const std::vector<ParameterValue>& previous,
    const ParameterStore& store) {
  if (auto ok = check_names(t, inputs); !ok) {
    return unexpected(std::move(ok.error()));
  }
  std::vector<ParameterValue> out;
  std::vector<std::string> missing;
  for (const Parameter& p : t.parameters) {
    auto value = given(p, inputs, previous);
    if (!value) {
      missing.push_back(p.name);
      continue;
    }
    ParameterValue one;
    one.name = p.name;
    one.value = std::move(*value);
    one.no_echo = util::iequals(text_of(p, "NoEcho").value_or("false"), "true");
    const bool in_store = p.type.starts_with(kStorePrefix);
    one.is_list =
        is_list_type(in_store ? std::string_view(p.type).substr(kStorePrefix.size()) : p.type);
    if (in_store || p.type == "AWS::SSM::Parameter::Name") {
      auto held = store(one.value);
      if (!held) {
        return unexpected(std::move(held.error()));
      }
      if (in_store) {
        one.resolved = std::move(*held);
      }
    }
    if (auto ok = check_value(p, one); !ok) {
      return unexpected(std::move(ok.error()));
    }
    out.push_back(std::move(one));
  }
  if (!missing.empty()) {
    return unexpected("Parameters: [" + util::join(missing, ", ") + "] must have values");
  }
  return out;
}

Parameters to_scope(const std::vector<ParameterValue>& values) {
  Parameters out;
  for (const ParameterValue& value : values) {
    out.emplace(value.name, value.node());
  }
  return out;
}

}  // namespace cloudformation

#include "local/actions/ec2_filters.hpp"

namespace local::ec2 {

std::optional<Values> tag_values(std::string_view filter,
                                 const std::vector<awsapi::ec2::Tag>& tags) {
  const bool by_key = filter == "tag-key";
  if (!by_key && !filter.starts_with("tag:")) {
    return std::nullopt;
  }
  Values values;
  for (const auto& tag : tags) {
    if (by_key) {
      values.push_back(tag.key.value_or(""));
    } else if (tag.key == filter.substr(4)) {
      values.push_back(tag.value.value_or(""));
    }
  }
  return values;
}

bool matches_any(const Values& have, const Values& wanted) {
  return std::any_of(have.begin(), have.end(), [&](const std::string& value) {
    return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& pattern) {
      return matches_wildcard(pattern, value);
    });
  });
}

ApiError unknown_filter(std::string_view name) {
  return {"InvalidParameterValue", "The filter '" + std::string(name) + "' is invalid", 400};
}

ApiError bad_token(std::string_view token) {
  return {"InvalidParameterValue",
          "Invalid value '" + std::string(token) + "' for nextToken. The token is not valid.",
          400};
}

ApiError not_found(std::string_view code, std::string_view noun, std::string_view id) {
  return {std::string(code),
          "The " + std::string(noun) + " '" + std::string(id) + "' does not exist",
          400};
}

}  // namespace local::ec2

#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "awsapi/ec2.hpp"
#include "local/actions/paging.hpp"
#include "local/api_error.hpp"
#include "util/result.hpp"

namespace local::ec2 {

using Values = std::vector<std::string>;

// A filter that a Describe operation knows, and the values it compares with.
template <class T>
struct FilterRow {
  std::string_view name;
  Values (*values)(const T&);
};

inline Values one(const std::optional<std::string>& value) {
  return value ? Values{*value} : Values{};
}

inline Values one(const std::optional<bool>& value) {
  return {value.value_or(false) ? "true" : "false"};
}

inline Values one(const std::optional<std::int64_t>& value) {
  return value ? Values{std::to_string(*value)} : Values{};
}

// `tag:<key>` and `tag-key`; nothing when the filter is neither.
std::optional<Values> tag_values(std::string_view filter,
                                 const std::vector<awsapi::ec2::Tag>& tags);

bool matches_any(const Values& have, const Values& wanted);
ApiError unknown_filter(std::string_view name);
ApiError bad_token(std::string_view token);
ApiError not_found(std::string_view code, std::string_view noun, std::string_view id);

// Those that satisfy every filter (each by any of its values, with * and ?). `tags` gives a
// resource's tags.
template <class T, class Tags>
util::Result<std::vector<T>, ApiError> filtered(std::vector<T> all,
                                                const std::vector<awsapi::ec2::Filter>& filters,
                                                std::span<const FilterRow<T>> rows,
                                                Tags tags) {
  for (const auto& filter : filters) {
    const std::string name = filter.name.value_or("");
    const auto row = std::find_if(
        rows.begin(), rows.end(), [&](const FilterRow<T>& r) { return r.name == name; });
    if (row == rows.end() && !tag_values(name, {})) {
      return util::unexpected(unknown_filter(name));
    }
    std::erase_if(all, [&](const T& item) {
      const Values have = row == rows.end() ? *tag_values(name, tags(item)) : row->values(item);
      return !matches_any(have, filter.values);
    });
  }
  return all;
}

// Those with the ids that were asked for (all when none was); an id that does not exist is an
// error.
template <class T, class Id>
util::Result<std::vector<T>, ApiError> with_ids(std::vector<T> all,
                                                const std::vector<std::string>& ids,
                                                Id id_of,
                                                std::string_view code,
                                                std::string_view noun) {
  for (const std::string& id : ids) {
    if (std::none_of(all.begin(), all.end(), [&](const T& item) { return id_of(item) == id; })) {
      return util::unexpected(not_found(code, noun, id));
    }
  }
  if (!ids.empty()) {
    std::erase_if(all, [&](const T& item) {
      return std::find(ids.begin(), ids.end(), id_of(item)) == ids.end();
    });
  }
  return all;
}

template <class T>
util::Result<Page<T>, ApiError> page_of(std::vector<T> all,
                                        const std::optional<std::string>& token,
                                        const std::optional<std::int64_t>& limit) {
  auto page = take_page(std::move(all), token, limit.value_or(1000));
  if (!page) {
    return util::unexpected(bad_token(*token));
  }
  return std::move(*page);
}

}  // namespace local::ec2

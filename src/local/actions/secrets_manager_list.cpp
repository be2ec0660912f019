#include <algorithm>

#include "local/actions/paging.hpp"
#include "local/actions/secrets_manager.hpp"
#include "util/strings.hpp"

namespace local {

namespace {

namespace api_secrets = awsapi::secretsmanager;
using Entry = api_secrets::SecretListEntry;

constexpr std::size_t kMostTags = 50;

bool has_prefix(const std::string& text, const std::string& prefix, bool any_case) {
  return any_case ? util::to_lower(text).starts_with(util::to_lower(prefix))
                  : text.starts_with(prefix);
}

// `all`: every word of the value begins some word of some attribute.
bool has_words(const Entry& entry, const std::string& value) {
  std::string everything = entry.name.value_or("") + " " + entry.description.value_or("") + " " +
                           entry.primary_region.value_or("") + " " +
                           entry.owning_service.value_or("");
  for (const auto& tag : entry.tags) {
    everything += " " + tag.key.value_or("") + " " + tag.value.value_or("");
  }
  everything = util::to_lower(everything);
  const std::vector<std::string> words = util::split(util::to_lower(value), ' ');
  return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
    return everything.find(word) != std::string::npos;
  });
}

bool matches_value(const Entry& entry, const std::string& key, const std::string& value) {
  if (key == "name") {
    return has_prefix(entry.name.value_or(""), value, false);
  }
  if (key == "description") {
    return has_prefix(entry.description.value_or(""), value, true);
  }
  if (key == "tag-key" || key == "tag-value") {
    return std::any_of(entry.tags.begin(), entry.tags.end(), [&](const auto& tag) {
      return has_prefix((key == "tag-key" ? tag.key : tag.value).value_or(""), value, false);
    });
  }
  if (key == "primary-region") {
    return has_prefix(entry.primary_region.value_or(""), value, false);
  }
  if (key == "owning-service") {
    return has_prefix(entry.owning_service.value_or(""), value, false);
  }
  return has_words(entry, value);
}

// Values of one filter are alternatives; one that begins with ! excludes.
bool passes(const Entry& entry, const api_secrets::Filter& filter) {
  bool included = false;
  bool only_excludes = true;
  for (const std::string& value : filter.values) {
    const bool excludes = value.starts_with("!");
    const bool matches =
        matches_value(entry, filter.key.value_or("all"), value.substr(excludes ? 1 : 0));
    if (excludes && matches) {
      return false;
    }
    only_excludes = only_excludes && excludes;
    included = included || (!excludes && matches);
  }
  return included || only_excludes;
}

void sort_entries(std::vector<Entry>& entries, const api_secrets::ListSecretsRequest& request) {
  const std::string by = request.sort_by.value_or("created-date");
  const auto before = [&](const Entry& a, const Entry& b) {
    if (by == "name") {
      return a.name < b.name;
    }
    const auto date = [&](const Entry& entry) {
      return by == "last-accessed-date"  ? entry.last_accessed_date
             : by == "last-changed-date" ? entry.last_changed_date
                                         : entry.created_date;
    };
    return date(a) < date(b);
  };
  std::stable_sort(entries.begin(), entries.end(), before);
  if (request.sort_order == "desc") {
    std::reverse(entries.begin(), entries.end());
  }
}

ApiError bad_secret_token() {
  return {"InvalidNextTokenException", "The NextToken value is invalid.", 400};
}

}  // namespace

Entry SecretsManager::listed(const Secret& secret) const {
  Entry entry = secret.entry;
  for (const Version& version : secret.versions) {
    if (!version.stages.empty()) {
      entry.secret_versions_to_stages[version.id] = version.stages;
    }
  }
  return entry;
}

SecretsManager::Answer<api_secrets::ListSecretsResponse> SecretsManager::list(
    const api_secrets::ListSecretsRequest& request) {
  std::vector<Entry> entries;
  for (const auto& [arn, secret] : secrets_) {
    const bool wanted =
        !secret.entry.deleted_date || request.include_planned_deletion.value_or(false);
    if (wanted && std::all_of(request.filters.begin(),
                              request.filters.end(),
                              [&](const auto& filter) { return passes(secret.entry, filter); })) {
      entries.push_back(listed(secret));
    }
  }
  sort_entries(entries, request);
  auto page = take_page(std::move(entries), request.next_token, request.max_results.value_or(100));
  if (!page) {
    return util::unexpected(bad_secret_token());
  }
  return api_secrets::ListSecretsResponse{std::move(page->items), std::move(page->next)};
}

SecretsManager::Answer<api_secrets::ListSecretVersionIdsResponse> SecretsManager::list_versions(
    const api_secrets::ListSecretVersionIdsRequest& request) {
  const auto secret = find(request.secret_id);
  if (!secret) {
    return util::unexpected(secret.error());
  }
  std::vector<api_secrets::SecretVersionsListEntry> versions;
  for (const Version& version : (*secret)->versions) {
    if (version.stages.empty() && !request.include_deprecated.value_or(false)) {
      continue;
    }
    auto& entry = versions.emplace_back();
    entry.version_id = version.id;
    entry.version_stages = version.stages;
    entry.created_date = awsapi::Timestamp{version.created};
    if (version.accessed != 0) {
      entry.last_accessed_date = awsapi::Timestamp{version.accessed};
    }
  }
  auto page = take_page(std::move(versions), request.next_token, request.max_results.value_or(100));
  if (!page) {
    return util::unexpected(bad_secret_token());
  }
  return api_secrets::ListSecretVersionIdsResponse{
      std::move(page->items), std::move(page->next), (*secret)->entry.arn, (*secret)->entry.name};
}

SecretsManager::Answer<api_secrets::DescribeSecretResponse> SecretsManager::describe(
    const api_secrets::DescribeSecretRequest& request) {
  const auto secret = find(request.secret_id);
  if (!secret) {
    return util::unexpected(secret.error());
  }
  const Entry entry = listed(**secret);
  api_secrets::DescribeSecretResponse response;
  response.arn = entry.arn;
  response.name = entry.name;
  response.type = entry.type;
  response.description = entry.description;
  response.kms_key_id = entry.kms_key_id;
  response.rotation_enabled = entry.rotation_enabled;
  response.last_changed_date = entry.last_changed_date;
  response.last_accessed_date = entry.last_accessed_date;
  response.deleted_date = entry.deleted_date;
  response.tags = entry.tags;
  response.version_ids_to_stages = entry.secret_versions_to_stages;
  response.created_date = entry.created_date;
  return response;
}

void SecretsManager::add_tag_actions(ActionTable& actions) {
  actions.add<api_secrets::RestoreSecretRequest>(
      [this](const auto& request) -> Answer<api_secrets::RestoreSecretResponse> {
        const auto secret = find(request.secret_id);
        if (!secret) {
          return util::unexpected(secret.error());
        }
        (*secret)->entry.deleted_date.reset();
        save(**secret);
        return api_secrets::RestoreSecretResponse{(*secret)->entry.arn, (*secret)->entry.name};
      });
  actions.add<api_secrets::TagResourceRequest>(
      [this](const auto& request) -> Answer<api_secrets::TagResourceResponse> {
        const auto secret = find_live(request.secret_id);
        if (!secret) {
          return util::unexpected(secret.error());
        }
        std::vector<api_secrets::Tag> tags = (*secret)->entry.tags;
        for (const auto& tag : request.tags) {
          std::erase_if(tags, [&](const auto& old) { return old.key == tag.key; });
          tags.push_back(tag);
        }
        if (tags.size() > kMostTags) {
          return util::unexpected(ApiError{
              "InvalidParameterException", "You can't have more than 50 tags on a secret.", 400});
        }
        (*secret)->entry.tags = std::move(tags);
        save(**secret);
        return api_secrets::TagResourceResponse{};
      });
  actions.add<api_secrets::UntagResourceRequest>(
      [this](const auto& request) -> Answer<api_secrets::UntagResourceResponse> {
        const auto secret = find_live(request.secret_id);
        if (!secret) {
          return util::unexpected(secret.error());
        }
        std::erase_if((*secret)->entry.tags, [&](const auto& tag) {
          return std::find(request.tag_keys.begin(), request.tag_keys.end(), tag.key) !=
                 request.tag_keys.end();
        });
        save(**secret);
        return api_secrets::UntagResourceResponse{};
      });
}

}  // namespace local

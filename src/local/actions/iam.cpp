#include "local/actions/iam.hpp"

#include "doc/json_writer.hpp"
#include "local/actions/paging.hpp"
#include "local/store.hpp"
#include "util/strings.hpp"

namespace local {

namespace {

namespace api_iam = awsapi::iam;
constexpr std::string_view kRoleKind = "iam.role";

// IAM shows policy documents in the encoding of RFC 3986.
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (util::is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      encoded.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded.push_back('%');
      encoded.push_back(kDigits[byte >> 4U]);
      encoded.push_back(kDigits[byte & 15U]);
    }
  }
  return encoded;
}

ApiError no_role(const std::string& name) {
  return {"NoSuchEntity", "The role with name " + name + " cannot be found.", 404};
}

// IAM's pages: Marker, MaxItems, IsTruncated.
template <class Response, class Request, class T>
util::Result<Response, ApiError> iam_page(std::vector<T> all,
                                          const Request& request,
                                          std::vector<T> Response::* items) {
  auto page = take_page(std::move(all), request.marker, request.max_items.value_or(100));
  if (!page) {
    return util::unexpected(ApiError{"InvalidInput", "The marker is not valid.", 400});
  }
  Response response;
  response.*items = std::move(page->items);
  response.is_truncated = page->next.has_value();
  response.marker = std::move(page->next);
  return response;
}

}  // namespace

void Iam::describe(Entry& entry, const RoleDefinition& definition) {
  entry.role.path = definition.path;
  entry.role.assume_role_policy_document =
      percent_encoded(doc::to_json(definition.assume_role_policy));
  entry.role.description =
      definition.description.empty() ? std::nullopt : std::optional(definition.description);
  entry.role.max_session_duration = 3600;
  entry.role.tags.clear();
  for (const auto& [key, value] : definition.tags) {
    entry.role.tags.push_back({key, value});
  }
  entry.managed = definition.managed_policy_arns;
  entry.policies.clear();
  for (const auto& [name, document] : definition.inline_policies) {
    entry.policies[name] = doc::to_json(document);
  }
}

void Iam::save(const Entry& entry) {
  std::vector<doc::Node> managed;
  for (const std::string& arn : entry.managed) {
    managed.emplace_back(arn);
  }
  doc::Mapping policies;
  for (const auto& [name, document] : entry.policies) {
    policies.set(name, doc::Node(document));
  }
  context_.store.put(kRoleKind,
                     entry.role.role_name,
                     doc::map({{"role", entry.role.to_node(awsapi::EmptyLists::omit)},
                               {"managed", doc::list(std::move(managed))},
                               {"policies", doc::Node(std::move(policies))}}));
}

void Iam::restore() {
  context_.store.each(kRoleKind, [this](const std::string& name, const doc::Node& body) {
    Entry& entry = roles_[name];
    if (const doc::Node* role = body.find("role")) {
      entry.role = api_iam::Role::from_node(*role);
    }
    const doc::Node* managed = body.find("managed");
    for (const doc::Node& arn : managed != nullptr && managed->as_sequence() != nullptr
                                    ? managed->as_sequence()->items
                                    : std::vector<doc::Node>{}) {
      if (arn.as_string() != nullptr) {
        entry.managed.push_back(*arn.as_string());
      }
    }
    const doc::Node* policies = body.find("policies");
    for (const doc::Entry& policy : policies != nullptr && policies->as_mapping() != nullptr
                                        ? policies->as_mapping()->entries
                                        : std::vector<doc::Entry>{}) {
      if (policy.value.as_string() != nullptr) {
        entry.policies[policy.key.value] = *policy.value.as_string();
      }
    }
  });
}

Iam::Answer<Iam::Entry*> Iam::find(const std::string& name) {
  const auto at = roles_.find(name);
  if (at == roles_.end()) {
    return util::unexpected(no_role(name));
  }
  return &at->second;
}

util::Result<RoleIdentity, ApiError> Iam::create_role(const RoleDefinition& definition) {
  if (roles_.contains(definition.name)) {
    return util::unexpected(ApiError{
        "EntityAlreadyExists", "Role with name " + definition.name + " already exists.", 409});
  }
  Entry& entry = roles_[definition.name];
  describe(entry, definition);
  entry.role.role_name = definition.name;
  entry.role.role_id = "AROA" + context_.ids.alnum(17);
  entry.role.arn = "arn:aws:iam::" + context_.account + ":role" + definition.path + definition.name;
  entry.role.create_date.millis = context_.now().time_since_epoch().count();
  save(entry);
  return RoleIdentity{entry.role.arn, entry.role.role_id};
}

util::Result<RoleIdentity, ApiError> Iam::update_role(const RoleDefinition& definition) {
  const auto entry = find(definition.name);
  if (!entry) {
    return util::unexpected(entry.error());
  }
  describe(**entry, definition);
  save(**entry);
  return RoleIdentity{(*entry)->role.arn, (*entry)->role.role_id};
}

void Iam::remove_role(const std::string& name) {
  if (roles_.erase(name) > 0) {
    context_.store.remove(kRoleKind, name);
  }
}

util::Result<void, ApiError> Iam::put_role_policy(const std::string& role,
                                                  const std::string& policy,
                                                  const doc::Node& document) {
  const auto entry = find(role);
  if (!entry) {
    return util::unexpected(entry.error());
  }
  (*entry)->policies[policy] = doc::to_json(document);
  save(**entry);
  return {};
}

void Iam::remove_role_policy(const std::string& role, const std::string& policy) {
  const auto entry = find(role);
  if (entry && (*entry)->policies.erase(policy) > 0) {
    save(**entry);
  }
}

void Iam::add_actions(ActionTable& actions) {
  actions.add<api_iam::GetRoleRequest>(
      [this](const auto& request) -> Answer<api_iam::GetRoleResponse> {
        const auto entry = find(request.role_name);
        if (!entry) {
          return util::unexpected(entry.error());
        }
        return api_iam::GetRoleResponse{(*entry)->role};
      });
  actions.add<api_iam::ListRolesRequest>(
      [this](const auto& request) -> Answer<api_iam::ListRolesResponse> {
        std::vector<api_iam::Role> roles;
        for (const auto& [name, entry] : roles_) {
          if (entry.role.path.starts_with(request.path_prefix.value_or("/"))) {
            roles.push_back(entry.role);
          }
        }
        return iam_page(std::move(roles), request, &api_iam::ListRolesResponse::roles);
      });
  actions.add<api_iam::ListRolePoliciesRequest>(
      [this](const auto& request) -> Answer<api_iam::ListRolePoliciesResponse> {
        const auto entry = find(request.role_name);
        if (!entry) {
          return util::unexpected(entry.error());
        }
        std::vector<std::string> names;
        for (const auto& [name, document] : (*entry)->policies) {
          names.push_back(name);
        }
        return iam_page(
            std::move(names), request, &api_iam::ListRolePoliciesResponse::policy_names);
      });
  actions.add<api_iam::GetRolePolicyRequest>(
      [this](const auto& request) -> Answer<api_iam::GetRolePolicyResponse> {
        const auto entry = find(request.role_name);
        if (!entry) {
          return util::unexpected(entry.error());
        }
        const auto policy = (*entry)->policies.find(request.policy_name);
        if (policy == (*entry)->policies.end()) {
          return util::unexpected(
              ApiError{"NoSuchEntity",
                       "The role policy with name " + request.policy_name + " cannot be found.",
                       404});
        }
        return api_iam::GetRolePolicyResponse{
            request.role_name, policy->first, percent_encoded(policy->second)};
      });
  actions.add<api_iam::ListAttachedRolePoliciesRequest>(
      [this](const auto& request) -> Answer<api_iam::ListAttachedRolePoliciesResponse> {
        const auto entry = find(request.role_name);
        if (!entry) {
          return util::unexpected(entry.error());
        }
        std::vector<api_iam::AttachedPolicy> policies;
        for (const std::string& arn : (*entry)->managed) {
          policies.push_back({arn.substr(arn.rfind('/') + 1), arn});
        }
        return iam_page(std::move(policies),
                        request,
                        &api_iam::ListAttachedRolePoliciesResponse::attached_policies);
      });
}

}  // namespace local

#include "local/actions/ssm.hpp"

#include <algorithm>

#include "local/actions/paging.hpp"
#include "local/store.hpp"
#include "util/strings.hpp"

namespace local {

namespace {

namespace api_ssm = awsapi::ssm;

constexpr std::string_view kParameterKind = "ssm.parameter";
constexpr std::size_t kStandardBytes = 4096;
constexpr std::size_t kAdvancedBytes = 8192;
constexpr std::size_t kLevels = 15;

util::unexpected<ApiError> ssm_error(std::string code, std::string message) {
  return util::unexpected(ApiError{std::move(code), std::move(message), 400});
}

// Nothing when a parameter may have that name.
std::optional<ApiError> check_parameter_name(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return util::is_alnum(c) || std::string_view("/.-_").find(c) != std::string_view::npos;
  });
  const std::string lower = util::to_lower(name);
  if (lower.starts_with("/aws/") || lower == "/aws" || lower.starts_with("/ssm/") ||
      lower == "/ssm") {
    return ApiError{
        "AccessDeniedException", "No access to reserved parameter name: " + name + ".", 400};
  }
  if (!plain || lower.starts_with("aws") || lower.starts_with("ssm") ||
      name.find("//") != std::string::npos) {
    return ApiError{
        "ValidationException",
        "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). If formed as a "
        "path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a "
        "mix of letters, numbers and the following 3 symbols .-_",
        400};
  }
  if (name.find('/') != std::string::npos && name.front() != '/') {
    return ApiError{"ValidationException", "Parameter name must be a fully qualified name.", 400};
  }
  if (static_cast<std::size_t>(std::count(name.begin(), name.end(), '/')) > kLevels) {
    return ApiError{
        "HierarchyLevelLimitExceededException",
        "A hierarchy can have a maximum of 15 levels. For more information, see Requirements and "
        "constraints for parameter names.",
        400};
  }
  return std::nullopt;
}

std::string parameter_resource(const std::string& name) {
  return name.starts_with("/") ? "parameter" + name : "parameter/" + name;
}

bool in_path(const std::string& name, const std::string& path, bool recursive) {
  const std::string prefix = path.ends_with("/") ? path : path + "/";
  return name.starts_with(prefix) &&
         (recursive || name.find('/', prefix.size()) == std::string::npos);
}

bool passes_filter(const api_ssm::ParameterMetadata& about,
                   const api_ssm::ParameterStringFilter& filter) {
  const std::string option = filter.option.value_or(filter.key == "Path" ? "OneLevel" : "Equals");
  const std::string value = filter.key == "Type"       ? about.type.value_or("")
                            : filter.key == "KeyId"    ? about.key_id.value_or("")
                            : filter.key == "Tier"     ? about.tier.value_or("")
                            : filter.key == "DataType" ? about.data_type.value_or("")
                                                       : about.name.value_or("");
  return std::any_of(filter.values.begin(), filter.values.end(), [&](const std::string& wanted) {
    if (filter.key == "Path") {
      return in_path(value, wanted, option == "Recursive");
    }
    return option == "BeginsWith" ? value.starts_with(wanted)
           : option == "Contains" ? value.find(wanted) != std::string::npos
                                  : value == wanted;
  });
}

}  // namespace

std::string Ssm::context_of(const api_ssm::ParameterMetadata& about) const {
  return about.arn.value_or("") + "|" + std::to_string(about.version.value_or(0));
}

Ssm::Answer<api_ssm::PutParameterResponse> Ssm::put(const api_ssm::PutParameterRequest& request) {
  if (auto problem = check_parameter_name(request.name)) {
    return util::unexpected(std::move(*problem));
  }
  const auto old = parameters_.find(request.name);
  const bool exists = old != parameters_.end();
  const bool overwrite = request.overwrite.value_or(false);
  if (exists && !overwrite) {
    return ssm_error(
        "ParameterAlreadyExists",
        "The parameter already exists. To overwrite this value, set the overwrite option in the request "
        "to true.");
  }
  if (overwrite && !request.tags.empty()) {
    return ssm_error(
        "ValidationException",
        "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, "
        "please remove overwrite flag. To update tags for an existing parameter, please use "
        "AddTagsToResource or RemoveTagsFromResource.");
  }
  if (!exists && !request.type) {
    return ssm_error("ValidationException",
                     "A parameter type is required when you create a parameter.");
  }
  const std::string tier =
      request.tier.value_or(exists ? old->second.about.tier.value_or("Standard") : "Standard");
  const std::size_t limit = tier == "Standard" ? kStandardBytes : kAdvancedBytes;
  if (request.value.empty() || request.value.size() > limit) {
    return ssm_error(
        "ValidationException",
        request.value.empty()
            ? std::string(
                  "1 validation error detected: Value '' at 'value' failed to satisfy constraint: "
                  "Member must have length greater than or equal to 1")
            : tier + " tier parameters support a maximum parameter value of " +
                  std::to_string(limit) + " characters.");
  }
  Entry entry = exists ? old->second : Entry{};
  api_ssm::ParameterMetadata& about = entry.about;
  about.name = request.name;
  about.arn = context_.arn("ssm", parameter_resource(request.name));
  about.type = request.type ? request.type : about.type;
  about.version = about.version.value_or(0) + 1;
  about.last_modified_date = awsapi::Timestamp{context_.now().time_since_epoch().count()};
  about.last_modified_user = "arn:aws:iam::" + context_.account + ":root";
  about.description = request.description ? request.description : about.description;
  about.allowed_pattern = request.allowed_pattern ? request.allowed_pattern : about.allowed_pattern;
  about.data_type = request.data_type.value_or("text");
  about.tier = tier == "Intelligent-Tiering"
                   ? (request.value.size() > kStandardBytes ? "Advanced" : "Standard")
                   : tier;
  const bool secure = about.type == "SecureString";
  if (secure) {
    about.key_id = request.key_id.value_or("alias/aws/ssm");
  }
  entry.value = secure ? sealer_.seal(request.value, context_of(about)) : request.value;
  context_.store.put(kParameterKind,
                     request.name,
                     doc::map({{"about", about.to_node(awsapi::EmptyLists::omit)},
                               {"value", doc::Node(entry.value)}}));
  api_ssm::PutParameterResponse response{about.version, about.tier};
  parameters_[request.name] = std::move(entry);
  return response;
}

Ssm::Answer<api_ssm::Parameter> Ssm::get(const std::string& wanted, bool decrypt) const {
  std::string name = wanted;
  const std::string arn_prefix = context_.arn("ssm", "parameter");
  if (name.starts_with(arn_prefix + "/")) {
    name.erase(0, arn_prefix.size());
    name = parameters_.contains(name) ? name : name.substr(1);
  }
  std::optional<std::string> selector;
  if (const std::size_t colon = name.rfind(':');
      colon != std::string::npos && !name.starts_with("arn:")) {
    selector = name.substr(colon);
    name.resize(colon);
  }
  const auto at = parameters_.find(name);
  if (at == parameters_.end()) {
    return ssm_error("ParameterNotFound", "");
  }
  const api_ssm::ParameterMetadata& about = at->second.about;
  if (selector && *selector != ":" + std::to_string(about.version.value_or(0))) {
    return ssm_error("ParameterVersionNotFound",
                     "Systems Manager could not find version " + selector->substr(1) + " of " +
                         name + ". Verify the version and try again.");
  }
  api_ssm::Parameter parameter;
  parameter.name = about.name;
  parameter.type = about.type;
  parameter.version = about.version;
  parameter.selector = selector;
  parameter.last_modified_date = about.last_modified_date;
  parameter.arn = about.arn;
  parameter.data_type = about.data_type;
  parameter.value = at->second.value;
  if (about.type == "SecureString" && decrypt) {
    parameter.value = sealer_.open(at->second.value, context_of(about));
    if (!parameter.value) {
      return ssm_error("InvalidKeyId",
                       "The value cannot be decrypted: the engine's key is not the one it was "
                       "encrypted with.");
    }
  }
  return parameter;
}

Ssm::Answer<api_ssm::DescribeParametersResponse> Ssm::describe(
    const api_ssm::DescribeParametersRequest& request) const {
  std::vector<api_ssm::ParameterMetadata> all;
  for (const auto& [name, entry] : parameters_) {
    const auto passes_old = [&about = entry.about](const api_ssm::ParametersFilter& filter) {
      return passes_filter(
          about, {filter.key, filter.key == "Name" ? "BeginsWith" : "Equals", filter.values});
    };
    const auto passes_new = [&about = entry.about](const api_ssm::ParameterStringFilter& filter) {
      return passes_filter(about, filter);
    };
    if (std::all_of(request.filters.begin(), request.filters.end(), passes_old) &&
        std::all_of(
            request.parameter_filters.begin(), request.parameter_filters.end(), passes_new)) {
      all.push_back(entry.about);
    }
  }
  auto page = take_page(std::move(all), request.next_token, request.max_results.value_or(10));
  if (!page) {
    return ssm_error("InvalidNextToken", "The specified token isn't valid.");
  }
  return api_ssm::DescribeParametersResponse{std::move(page->items), std::move(page->next)};
}

void Ssm::add_actions(ActionTable& actions) {
  actions.add<api_ssm::PutParameterRequest>([this](const auto& request) { return put(request); });
  actions.add<api_ssm::DescribeParametersRequest>(
      [this](const auto& request) { return describe(request); });
  actions.add<api_ssm::GetParameterRequest>(
      [this](const auto& request) -> Answer<api_ssm::GetParameterResponse> {
        auto parameter = get(request.name, request.with_decryption.value_or(false));
        if (!parameter) {
          return util::unexpected(parameter.error());
        }
        return api_ssm::GetParameterResponse{std::move(*parameter)};
      });
  actions.add<api_ssm::GetParametersRequest>(
      [this](const auto& request) -> Answer<api_ssm::GetParametersResponse> {
        api_ssm::GetParametersResponse response;
        for (const std::string& name : request.names) {
          auto parameter = get(name, request.with_decryption.value_or(false));
          if (parameter) {
            response.parameters.push_back(std::move(*parameter));
          } else {
            response.invalid_parameters.push_back(name);
          }
        }
        return response;
      });
  actions.add<api_ssm::DeleteParameterRequest>(
      [this](const auto& request) -> Answer<api_ssm::DeleteParameterResponse> {
        if (parameters_.erase(request.name) == 0) {
          return ssm_error("ParameterNotFound", "");
        }
        context_.store.remove(kParameterKind, request.name);
        return api_ssm::DeleteParameterResponse{};
      });
}

bool Ssm::holds_sealed(Store& store) {
  bool any = false;
  store.each(kParameterKind, [&any](const std::string&, const doc::Node& body) {
    const doc::Node* about = body.find("about");
    any = any || (about != nullptr &&
                  api_ssm::ParameterMetadata::from_node(*about).type == "SecureString");
  });
  return any;
}

void Ssm::restore() {
  context_.store.each(kParameterKind, [this](const std::string& name, const doc::Node& body) {
    Entry& entry = parameters_[name];
    if (const doc::Node* about = body.find("about")) {
      entry.about = api_ssm::ParameterMetadata::from_node(*about);
    }
    const doc::Node* value = body.find("value");
    if (value != nullptr && value->as_string() != nullptr) {
      entry.value = *value->as_string();
    }
  });
}

}  // namespace local

# src/awsapi/model/<service>.api is the one description of each wire shape; tools/generate_awsapi.py turns it into the
# structs (awsapi/<service>.hpp) and the shape tables that client and server share.
find_package(Python3 COMPONENTS Interpreter REQUIRED)
set(AWSAPI_GENERATED_DIR ${PROJECT_BINARY_DIR}/generated)
set(AWSAPI_GENERATED_SOURCES "")
file(GLOB api_models CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/awsapi/model/*.api)
foreach(model IN LISTS api_models)
  get_filename_component(api ${model} NAME_WE)
  set(stem ${AWSAPI_GENERATED_DIR}/awsapi/${api})
  add_custom_command(OUTPUT ${stem}.hpp ${stem}.cpp
    COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/generate_awsapi.py ${model} ${AWSAPI_GENERATED_DIR}/awsapi
    DEPENDS ${model} ${PROJECT_SOURCE_DIR}/tools/generate_awsapi.py VERBATIM)
  list(APPEND AWSAPI_GENERATED_SOURCES ${stem}.cpp ${stem}.hpp)
endforeach()
add_custom_target(awsapi_generated DEPENDS ${AWSAPI_GENERATED_SOURCES})

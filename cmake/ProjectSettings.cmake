# project_settings: what every target of ours is compiled with. project_warnings: what our own code must survive.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
option(WARNINGS_AS_ERRORS "Treat warnings in our own code as errors" OFF)
set(SANITIZE "" CACHE STRING "Sanitizers, e.g. address;undefined or thread")

add_library(project_settings INTERFACE)
add_library(project_warnings INTERFACE)
target_compile_options(project_settings INTERFACE -fvisibility=hidden -ffunction-sections -fdata-sections)
target_compile_definitions(project_settings INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
target_link_libraries(project_settings INTERFACE Threads::Threads)
foreach(sanitizer IN LISTS SANITIZE)
  target_compile_options(project_settings INTERFACE -fsanitize=${sanitizer} -fno-omit-frame-pointer)
  target_link_options(project_settings INTERFACE -fsanitize=${sanitizer})
endforeach()
if(SANITIZE MATCHES "undefined")
  target_compile_options(project_settings INTERFACE -fno-sanitize-recover=undefined)
endif()

target_compile_options(project_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wold-style-cast -Wcast-qual -Wextra-semi -Wswitch-enum -Wmissing-declarations -Wundef -Wformat=2
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond;-Wlogical-op>
  $<$<BOOL:${WARNINGS_AS_ERRORS}>:-Werror>)

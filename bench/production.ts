/** Imported before all else: libraries look at it when they are loaded, as in the services. */
process.env['NODE_ENV'] = 'production';

<?php
/**
 * Pictures of MCI's products.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Fetches pictures in the background: what is wanted stands with the product until it is there.
 */
class MCI_Images {

	const WANTED = '_mci_images_wanted'; // Addresses, in order; gone when all are there.
	const TRIES  = '_mci_images_tries';
	const AFTER  = '_mci_images_after';  // Next try, seconds since 1970.
	const LAST   = '_mci_images';        // Addresses that the product was last given.
	const SOURCE = '_mci_source_url';    // Of an attachment: where it came from.

	const BUDGET = 20;
	const TRIED  = 6; // After so many tries a picture is given up; publishing anew asks for it again.

	/**
	 * Whom to wake.
	 *
	 * @var MCI_Waker
	 */
	private $waker;

	/**
	 * MCI's host, whose pictures may be on a private address (a portal on one's own machine).
	 *
	 * @var MCI_Pairing_Store
	 */
	private $store;

	/**
	 * Constructor.
	 *
	 * @param MCI_Waker         $waker Whom to wake.
	 * @param MCI_Pairing_Store $store Whose pictures.
	 */
	public function __construct( MCI_Waker $waker, MCI_Pairing_Store $store ) {
		$this->waker = $waker;
		$this->store = $store;
	}

	/**
	 * Asks for pictures; those of last time are not fetched or set again.
	 *
	 * @param int      $product_id The product.
	 * @param string[] $addresses  Addresses, in order.
	 */
	public function want( $product_id, array $addresses ) {
		$addresses = array_values( array_unique( array_filter( array_map( 'esc_url_raw', $addresses ) ) ) );
		if ( ! $addresses || get_post_meta( $product_id, self::LAST, true ) === $addresses ) {
			return;
		}
		update_post_meta( $product_id, self::WANTED, wp_slash( $addresses ) );
		update_post_meta( $product_id, self::AFTER, time() );
		delete_post_meta( $product_id, self::TRIES );
		$this->waker->wake( MCI_Waker::IMAGES );
	}

	/**
	 * How many products wait for pictures.
	 *
	 * @return int
	 */
	public function waiting() {
		global $wpdb;
		return (int) $wpdb->get_var( $wpdb->prepare( "SELECT COUNT(*) FROM {$wpdb->postmeta} WHERE meta_key = %s", self::WANTED ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery
	}

	/**
	 * Fetches what is due, one product after the other.
	 */
	public function run() {
		$begun = time();
		while ( time() - $begun < self::BUDGET ) {
			$product_id = $this->due();
			if ( ! $product_id ) {
				return;
			}
			$lock = MCI_Lock::take( 'images-' . $product_id, 300 );
			if ( '' === $lock ) {
				return; // Another process is at it.
			}
			try {
				$this->fetch( $product_id );
			} finally {
				MCI_Lock::give( 'images-' . $product_id, $lock );
			}
		}
		$this->waker->wake( MCI_Waker::IMAGES );
	}

	/**
	 * A product whose pictures are due; 0: none.
	 *
	 * @return int
	 */
	private function due() {
		global $wpdb;
		return (int) $wpdb->get_var( // phpcs:ignore WordPress.DB.DirectDatabaseQuery
			$wpdb->prepare(
				"SELECT wanted.post_id FROM {$wpdb->postmeta} wanted
				JOIN {$wpdb->postmeta} next ON next.post_id = wanted.post_id AND next.meta_key = %s
				WHERE wanted.meta_key = %s AND CAST(next.meta_value AS UNSIGNED) <= %d
				ORDER BY CAST(next.meta_value AS UNSIGNED) LIMIT 1",
				self::AFTER,
				self::WANTED,
				time()
			)
		);
	}

	/**
	 * Fetches the pictures of a product, and sets them when all are there or were given up.
	 *
	 * @param int $product_id The product.
	 */
	private function fetch( $product_id ) {
		$addresses = (array) get_post_meta( $product_id, self::WANTED, true );
		$tries     = (int) get_post_meta( $product_id, self::TRIES, true ) + 1;
		update_post_meta( $product_id, self::TRIES, $tries ); // Before the work: a picture that kills PHP does so six times at most.
		update_post_meta( $product_id, self::AFTER, time() + MCI_Backoff::wait( $tries ) );
		$found   = array();
		$missing = 0;
		foreach ( $addresses as $address ) {
			$attachment = $this->attachment( (string) $address, $product_id );
			if ( $attachment ) {
				$found[] = $attachment;
			} else {
				++$missing;
			}
		}
		$product = wc_get_product( $product_id );
		if ( $product && $found ) {
			$product->set_image_id( (string) $found[0] );
			$product->set_gallery_image_ids( array_slice( $found, 1 ) );
			$product->save();
		}
		if ( ! $missing || $tries >= self::TRIED || ! $product ) {
			if ( ! $missing ) {
				update_post_meta( $product_id, self::LAST, wp_slash( $addresses ) );
			}
			foreach ( array( self::WANTED, self::TRIES, self::AFTER ) as $key ) {
				delete_post_meta( $product_id, $key );
			}
		}
		if ( $missing ) {
			wc_get_logger()->warning( sprintf( 'Product %d: %d pictures could not be fetched (try %d).', $product_id, $missing, $tries ), array( 'source' => 'mci-connector' ) );
		}
	}

	/**
	 * The picture in the media library, fetched if it is not there yet; 0: it cannot be had now.
	 *
	 * @param string $address    Where it comes from.
	 * @param int    $product_id Whose it is.
	 * @return int
	 */
	private function attachment( $address, $product_id ) {
		$known = get_posts(
			array(
				'post_type'      => 'attachment',
				'post_status'    => 'inherit',
				'posts_per_page' => 1,
				'fields'         => 'ids',
				'meta_key'       => self::SOURCE, // phpcs:ignore WordPress.DB.SlowDBQuery.slow_db_query_meta_key
				'meta_value'     => $address, // phpcs:ignore WordPress.DB.SlowDBQuery.slow_db_query_meta_value
			)
		);
		if ( $known ) {
			return (int) $known[0];
		}
		require_once ABSPATH . 'wp-admin/includes/file.php';
		require_once ABSPATH . 'wp-admin/includes/media.php';
		require_once ABSPATH . 'wp-admin/includes/image.php';
		$file = $this->download( $address );
		if ( is_wp_error( $file ) ) {
			return 0;
		}
		$extension = array_search( wp_get_image_mime( $file ), wp_get_mime_types(), true );
		if ( ! $extension ) {
			wp_delete_file( $file );
			return 0;
		}
		$base = sanitize_file_name( pathinfo( (string) wp_parse_url( $address, PHP_URL_PATH ), PATHINFO_FILENAME ) );
		$made = media_handle_sideload(
			array(
				'name'     => ( '' === $base ? 'mci' : $base ) . '.' . strtok( $extension, '|' ),
				'tmp_name' => $file,
			),
			$product_id,
			get_the_title( $product_id ),
			array( 'meta_input' => array( self::SOURCE => wp_slash( $address ) ) )
		);
		if ( is_wp_error( $made ) ) {
			wp_delete_file( $file );
			return 0;
		}
		return (int) $made;
	}

	/**
	 * Downloads a file. WordPress refuses private addresses and odd ports; the paired portal's own may have them.
	 *
	 * @param string $address Where from.
	 * @return string|WP_Error Path of a temporary file.
	 */
	private function download( $address ) {
		$portal = (string) $this->store->pairing( 'address' );
		$ours   = '' !== $portal && 0 === strpos( $address, $portal . '/' );
		if ( $ours ) {
			add_filter( 'http_request_host_is_external', '__return_true' );
			add_filter( 'http_allowed_safe_ports', array( $this, 'allow_port' ) );
		}
		try {
			return download_url( $address, 30 );
		} finally {
			remove_filter( 'http_request_host_is_external', '__return_true' );
			remove_filter( 'http_allowed_safe_ports', array( $this, 'allow_port' ) );
		}
	}

	/**
	 * The portal's port.
	 *
	 * @param int[] $ports Those that WordPress allows.
	 * @return int[]
	 */
	public function allow_port( $ports ) {
		$port = wp_parse_url( (string) $this->store->pairing( 'address' ), PHP_URL_PORT );
		return $port ? array_merge( $ports, array( $port ) ) : $ports;
	}
}
